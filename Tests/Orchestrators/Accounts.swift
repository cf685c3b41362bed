import Foundation
package import Reprise
import RepriseKernel

/// Money that must neither come from nowhere nor go there: over all accounts, the balances sum up to nothing.
package struct Account: Entity {
    /// `id` is unique to the change, so that one which was made twice shows.
    package struct Move: Codable, Sendable {
        package var id: String
        package var amount: Int
        /// Milliseconds since 1970.
        package var notBefore: Int64?
    }

    package struct Balance: Codable, Sendable {
        package var amount = 0
        /// The changes that were made, in their order.
        package var moves: [String] = []
        package var complaints: [String] = []

        package init() {}
    }

    package func perform(_ operation: EntityOperation, on state: inout Balance?) throws -> Int {
        var balance = state ?? Balance()
        defer { state = balance }
        switch operation.name {
        case "read": break
        case "write":
            let move: Move = try operation.input()
            balance.amount = move.amount
            balance.note(move, at: operation.currentTime)
        case "add":
            let move: Move = try operation.input()
            balance.amount += move.amount
            balance.note(move, at: operation.currentTime)
        case "overdraw":
            let move: Move = try operation.input()
            balance.amount -= move.amount
            balance.note(move, at: operation.currentTime)
            throw Failure(type: "Overdrawn", message: "there is not as much")
        default: throw operation.unknown
        }
        return balance.amount
    }
}

extension Account.Balance {
    fileprivate mutating func note(_ move: Account.Move, at time: Date) {
        if moves.contains(move.id) { complaints.append("\(move.id) came twice") }
        if let due = move.notBefore, Int64((time.timeIntervalSince1970 * 1000).rounded()) < due {
            complaints.append("\(move.id) came early")
        }
        moves.append(move.id)
    }
}

/// Counts.
package struct Tally: Entity {
    package func perform(_ operation: EntityOperation, on state: inout Int?) throws -> Int {
        guard operation.name == "add" else { throw operation.unknown }
        let sum = (state ?? 0) + (try operation.input(as: Int.self))
        state = sum
        return sum
    }
}

/// Two different accounts of a few that all share.
private func pair(_ context: OrchestrationContext) throws -> (EntityID, EntityID) {
    let first = try context.random(in: 0...2)
    let second = (first + (try context.random(in: 1...2))) % 3
    return (try EntityID("Account", "\(first)"), try EntityID("Account", "\(second)"))
}

/// Moves money from account to account: reads both, thinks, and writes both, under a lock.
struct Transfer: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        for step in 0..<order.count {
            let (from, to) = try pair(context)
            try await context.withLock(on: [from, to]) {
                let mine: Int = try await context.callEntity(from, "read")
                let theirs: Int = try await context.callEntity(to, "read")
                if step.isMultiple(of: 2) {
                    let _: Int = try await context.call("Double", Job(call: "\(order.tag)/\(step)", value: step))
                }
                let given = Account.Move(id: "\(order.tag)/\(step)-", amount: mine - 1)
                let taken = Account.Move(id: "\(order.tag)/\(step)+", amount: theirs + 1)
                async let one: Int = context.callEntity(from, "write", given)
                async let other: Int = context.callEntity(to, "write", taken)
                _ = try await (one, other)
            }
        }
        return order.count
    }
}

/// Moves money by signals, one half of it later.
struct Payer: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> Int {
        for step in 0..<order.count {
            let (from, to) = try pair(context)
            let due = context.currentTime.addingTimeInterval(1.5)
            try context.signalEntity(from, "add", Account.Move(id: "\(order.tag)/\(step)-", amount: -1))
            let later = Account.Move(
                id: "\(order.tag)/\(step)+",
                amount: 1,
                notBefore: Int64(due.timeIntervalSince1970 * 1000)
            )
            try context.signalEntity(to, "add", later, at: due)
            let _: Int = try await context.call("Double", Job(call: "\(order.tag)/\(step)", value: step))
        }
        return order.count
    }
}

/// Asks for what an account refuses after it has changed its state.
struct Spendthrift: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> String {
        let (account, _) = try pair(context)
        do {
            let _: Int = try await context.callEntity(
                account,
                "overdraw",
                Account.Move(id: "\(order.tag)/0", amount: 1_000)
            )
            return "no failure"
        } catch let failure as EntityOperationFailed {
            return failure.failure.type
        }
    }
}

/// Holds locks without need, and lets go of them in every way there is.
struct Squatter: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ stage: Stage) async throws -> String {
        let (first, second) = try pair(context)
        let entities = [first, second]
        switch (stage.count % 5, stage.done ?? 0) {
        case (0, _):
            return try await context.withLock(on: entities) {
                try await context.sleep(for: .seconds(2))
                return "held"
            }
        case (1, _):
            return try await giveUp(context, entities)
        case (2, _):
            do {
                try await context.withLock(on: entities) { throw Failure(type: "Thrown", message: "out of a lock") }
                return "no failure"
            } catch let failure as Failure {
                return failure.type
            }
        case (3, 0):
            return try await context.withLock(on: entities) { try context.continueAsNew(stage.next()) }
        case (3, _):
            return "continued"
        default:
            async let _: Void = context.withLock(on: entities) { try await context.sleep(for: .seconds(5)) }
            try await context.sleep(for: .milliseconds(100))
            throw Failure(type: "Fled", message: "while the lock was on its way")
        }
    }

    private func giveUp(_ context: OrchestrationContext, _ entities: [EntityID]) async throws -> String {
        try await withThrowingTaskGroup(of: String.self) { group in
            group.addTask {
                try await context.withLock(on: entities) {
                    try await context.sleep(for: .milliseconds(300))
                    return "held"
                }
            }
            group.addTask {
                try await context.sleep(for: .milliseconds(700))
                return "gave up"
            }
            defer { group.cancelAll() }
            return try await group.next() ?? ""
        }
    }
}

/// Has an entity of its own, and deletes it after each use.
struct Scribe: Lodger {
    let leaks: LeakCounter
    func live(_ context: OrchestrationContext, _ order: Order) async throws -> [Int] {
        let entity = try EntityID("Tally", order.part("page").key)
        var results: [Int] = []
        for _ in 0..<order.count {
            results.append(try await context.callEntity(entity, "add", 1))
            try await context.callEntity(entity, "delete", JSON.null)
        }
        return results
    }
}

extension TestOrchestrators {
    static func entityUsers(_ leaks: LeakCounter) -> [RegisteredOrchestrator] {
        [
            RegisteredOrchestrator(Transfer(leaks: leaks)), RegisteredOrchestrator(Payer(leaks: leaks)),
            RegisteredOrchestrator(Spendthrift(leaks: leaks)), RegisteredOrchestrator(Squatter(leaks: leaks)),
            RegisteredOrchestrator(Scribe(leaks: leaks)),
        ]
    }
}
