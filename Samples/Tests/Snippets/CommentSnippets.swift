import Foundation
import Reprise
import RepriseClient
import RepriseTesting
import Testing

@testable import reprise_samples

/// The code of doc comments that is not part of a sample or a test: as it stands there, so that it compiles.
private enum CommentSnippets {
    struct Progress: Codable { var percent: Int }
    struct Order: Codable { var number: String }
    struct Receipt: Codable {}
    typealias Recommendation = CityRecommender.Recommendation

    struct Booking: Orchestrator {
        func run(_ context: OrchestrationContext, input: Order) async throws -> Receipt { Receipt() }
    }

    struct OrderProcess: Orchestrator {
        struct Status: Codable { var stage: String }
        func run(_ context: OrchestrationContext, input: String) async throws -> Receipt { Receipt() }
    }

    func book(_ order: Order, with client: some OrchestrationClient) async throws -> Receipt {
        let options = StartOptions(ifExists: .use)
        let booking = try await client.start(Booking.self, order, id: order.number, options: options)
        return try await booking.result(timeout: .seconds(30))
    }

    static func handle(_ client: RepriseClient, _ input: String, number: Int) async throws {
        let order = try await client.start(OrderProcess.self, input, id: "order-\(number)")
        for try await status in order.statuses {
            print(try status.customStatus?.stage ?? "waiting")
        }
        let receipt = try await order.result()
        print(receipt)
    }

    static func client() async throws {
        let client = try RepriseClient("http://127.0.0.1:7071")
        let trip = try await client.start("CityRecommender", 2)
        for try await status in client.statuses(of: trip) {
            print(status.runtimeStatus, try status.customStatus(as: Recommendation.self) as Any)
        }
    }

    static func following(_ client: RepriseClient, _ id: InstanceID) async throws {
        for try await status in client.statuses(of: id) {
            print(try status.customStatus(as: Progress.self)?.percent ?? 0)
        }
        var lastSeen: Revision?
        for try await change in client.changes(of: id, after: lastSeen) {
            print(change.time, try change.customStatus(as: Progress.self)?.percent ?? 0)
            lastSeen = change.revision
        }
    }

    static func lists(_ client: RepriseClient) async throws {
        for stage in try await client.count(by: "customStatus.stage").groups { print(stage) }
        for try await status in client.list(InstanceFilter(statuses: [.failed])) { print(status.id) }
    }

    static func scanning(_ context: ActivityContext, _ pages: [String]) async throws {
        func scan(_ page: String) async throws {}
        for (number, page) in pages.enumerated() {
            try context.reportProgress(["page": number, "of": pages.count])
            try await scan(page)
        }
    }

    static func scanning(_ context: ActivityContext, _ book: (pages: Int, title: String)) async throws {
        func scan(_ page: Int) async throws {}
        var page = try context.lastProgress(as: Int.self) ?? 0
        while page < book.pages {
            try await scan(page)
            page += 1
            try context.reportProgress(page)
        }
    }

    static func statuses(_ context: OrchestrationContext, _ input: Int) throws {
        try context.setCustomStatus(["stage": "packing", "packed": 0])
        try context.patchCustomStatus(["packed": 3])  // {"packed":3,"stage":"packing"}
        try context.patchCustomStatus(["stage": nil, "packed": 4])  // {"packed":4}
        try context.continueAsNew(input + 1)
    }

    static func json() {
        let packed = 3
        let status: JSON = ["stage": "packing", "packed": JSON(packed)]
        let stage = status["stage"]?.string
        print(stage ?? "")
    }

    struct Shipping: Orchestrator {
        struct Status: Codable {
            var stage: String
            var packed: Int
        }

        func run(_ context: OrchestrationContext, input: [String]) async throws {
            try setStatus(Status(stage: "packing", packed: 0), in: context)
        }
    }

    struct Shelf: TypedEntity {
        enum Operation: Codable {
            case put(Int)
            case take(Int)
            case look
        }

        func perform(_ operation: Operation, on count: inout Int?, as call: EntityOperation) throws -> Int {
            switch operation {
            case .put(let more): count = (count ?? 0) + more
            case .take(let fewer): count = (count ?? 0) - fewer
            case .look: break
            }
            return count ?? 0
        }
    }

    struct Charge: Activity {
        static let options = ActivityOptions(
            retry: RetryPolicy(maximumAttempts: 5, firstInterval: .seconds(1), backoffCoefficient: 2),
            startToClose: .minutes(1)
        )

        func run(_ context: ActivityContext, input order: Order) async throws -> String {
            "payment \(context.idempotencyKey)"
        }
    }

    struct BankConnections: Sendable {
        func charge(_ order: Order, key: String) async throws -> String { key }
        func refund(_ payment: String) async throws {}
    }

    struct Bank: ActivityContainer {
        let connections: BankConnections

        var activities: [any Activity] { [Charge(bank: self), Refund(bank: self)] }

        struct Charge: Activity {
            let bank: Bank

            func run(_ context: ActivityContext, input order: Order) async throws -> String {
                try await bank.connections.charge(order, key: context.idempotencyKey)
            }
        }

        struct Refund: Activity {
            let bank: Bank

            func run(_ context: ActivityContext, input payment: String) async throws {
                try await bank.connections.refund(payment)
            }
        }
    }

    struct Refund: Activity {
        func run(_ context: ActivityContext, input payment: String) async throws {
            print("refunded \(payment)")
        }
    }

    struct Approval: ExternalEvent {
        var by: String
        var isGranted: Bool
    }

    struct Purchase: Orchestrator {
        static let events: [any ExternalEvent.Type] = [Approval.self]

        func run(_ context: OrchestrationContext, input: String) async throws -> Bool {
            try await context.wait(for: Approval.self, timeout: .days(3)).isGranted
        }
    }

    struct Counter: Entity {
        func perform(_ operation: EntityOperation, on state: inout Int?) throws -> Int {
            switch operation.name {
            case "add": state = (state ?? 0) + (try operation.input())
            case "get": break
            default: throw operation.unknown
            }
            return state ?? 0
        }
    }

    struct Ship: Activity {
        func run(_ context: ActivityContext, input: Order) async throws -> String { input.number }
    }

    static func testing(_ file: URL) async throws {
        let tester = try ReplayTester(orchestrators: [ReserveTicket()])
        #expect(try tester.check(Data(contentsOf: file)) == nil)

        let hub = try TestHub(orchestrators: [ReserveTicket()], activities: [CalculateDiscount()])
        let id = try await hub.start(ReserveTicket.self, 42)
        try await hub.advance(by: .seconds(59))
        #expect(try await hub.status(of: id).runtimeStatus == .running)
        try await hub.advance(by: .seconds(1))
        #expect(try await hub.result(of: id, as: Bool.self) == false)
        await hub.stub(CalculateDiscount.self) { userID in 25 }
        await hub.stub(Ship.self, taking: .seconds(90)) { order in order.number }
    }
}

extension CommentSnippets.Shipping {
    fileprivate func pack(_ context: OrchestrationContext) throws {
        try updateStatus(in: context) { $0.packed += 1 }
    }
}
