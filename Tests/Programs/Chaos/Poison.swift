import Foundation
import Reprise

/// Runs an activity that may kill its worker.
struct Tasting: Orchestrator {
    struct Input: Codable, Sendable {
        var value: Int
        var isDeadly: Bool
    }

    func run(_ context: OrchestrationContext, input: Input) async throws -> Int {
        let result = try await context.call(
            Taste.self,
            Taste.Input(step: "taste", value: input.value, isDeadly: input.isDeadly)
        )
        try context.report(1)
        return result
    }
}

/// Takes the worker down with it, if it is told to.
struct Taste: Activity {
    struct Input: Codable, Sendable {
        var step: String
        var value: Int
        var isDeadly: Bool
    }

    let ledger: Ledger

    func run(_ context: ActivityContext, input: Input) async throws -> Int {
        if input.isDeadly { kill(getpid(), SIGKILL) }
        return try await ledger.record(Self.name, step: input.step, context) { Work.result(of: input.value) }
    }
}

/// Traps, and takes the node down with it.
struct Tripping: Orchestrator {
    struct Input: Codable, Sendable {
        var divisor: Int
    }

    func run(_ context: OrchestrationContext, input: Input) async throws -> Int { 100 / input.divisor }
}
