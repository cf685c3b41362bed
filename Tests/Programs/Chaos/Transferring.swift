import Foundation
import Reprise

/// Moves money between accounts that all share: reads two and writes two, while no one else may use them.
struct Transferring: Orchestrator {
    struct Input: Codable, Sendable {
        var from: String
        var to: String
        var amount: Int
        var times: Int
    }

    func run(_ context: OrchestrationContext, input: Input) async throws -> Int {
        let from = try EntityID("Account", input.from)
        let to = try EntityID("Account", input.to)
        for time in 1...input.times {
            try await context.withLock(on: [from, to]) {
                let mine: Int = try await context.callEntity(from, "read")
                let theirs: Int = try await context.callEntity(to, "read")
                try await context.callEntity(from, "write", mine - input.amount)
                try await context.callEntity(to, "write", theirs + input.amount)
            }
            try context.report(time)
        }
        return input.times
    }
}

/// The same by signals, which no one waits for.
struct Paying: Orchestrator {
    func run(_ context: OrchestrationContext, input: Transferring.Input) async throws -> Int {
        for _ in 1...input.times {
            let later = context.currentTime.addingTimeInterval(0.5)
            try context.signalEntity(try EntityID("Account", input.from), "add", -input.amount)
            try context.signalEntity(try EntityID("Account", input.to), "add", input.amount, at: later)
        }
        return input.times
    }
}

/// An amount, and how often it was changed.
struct Account: Entity {
    struct State: Codable, Sendable {
        var amount = 0
        var changes = 0
    }

    func perform(_ operation: EntityOperation, on state: inout State?) throws -> Int {
        var account = state ?? State()
        switch operation.name {
        case "read": return account.amount
        case "write": account.amount = try operation.input()
        case "add": account.amount += try operation.input(as: Int.self)
        default: throw operation.unknown
        }
        account.changes += 1
        state = account
        return account.amount
    }
}
