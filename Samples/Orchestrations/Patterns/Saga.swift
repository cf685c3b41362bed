import Reprise

/// Does several things that belong together; if one of them fails, undoes those that were done, the last one first.
struct FulfilOrder: Orchestrator {
    func run(_ context: OrchestrationContext, input order: PatternOrder) async throws -> String {
        var undo: [@Sendable () async throws -> Void] = []
        do {
            let left = try await context.callEntity(Stock.self, order.item, .take(order.count))
            undo.append { try context.signalEntity(Stock.self, order.item, .put(order.count)) }

            let payment = try await context.call(Charge.self, order)
            undo.append { try await context.call(Refund.self, payment) }

            let booking = try await context.call(BookCarrier.self, order.item)
            return "\(booking), \(left) left"
        } catch {
            for step in undo.reversed() { try await step() }
            throw error
        }
    }
}

struct PatternOrder: Codable {
    var item: String
    var count: Int
    var card: String
}

/// How many there are of a thing.
struct Stock: TypedEntity {
    enum Operation: Codable {
        case put(Int)
        case take(Int)
    }

    func perform(_ operation: Operation, on state: inout Int?, as call: EntityOperation) throws -> Int {
        let held = state ?? 0
        switch operation {
        case .put(let count): state = held + count
        case .take(let count):
            guard held >= count else {
                throw Failure(type: "OutOfStock", message: "there are \(held) left", isNonRetriable: true)
            }
            state = held - count
        }
        return state ?? 0
    }
}

struct Charge: Activity {
    static let options = ActivityOptions(
        retry: RetryPolicy(maximumAttempts: 5, firstInterval: .seconds(1), backoffCoefficient: 2),
        startToClose: .minutes(1)
    )

    func run(_ context: ActivityContext, input order: PatternOrder) async throws -> String {
        guard !order.card.isEmpty else {
            throw Failure(type: "CardDeclined", message: "there is no card", isNonRetriable: true)
        }
        return "payment \(context.idempotencyKey)"
    }
}

struct Refund: Activity {
    func run(_ context: ActivityContext, input payment: String) async throws {
        print("refunded \(payment)")
    }
}

struct BookCarrier: Activity {
    let carrier: any Carrier

    func run(_ context: ActivityContext, input parcel: String) async throws -> String {
        try await carrier.book(parcel, key: context.idempotencyKey)
    }
}
