import Reprise

/// Durable timers, one after another.
struct Sleeping: Orchestrator {
    struct Input: Codable, Sendable {
        var milliseconds: [Int]
    }

    func run(_ context: OrchestrationContext, input: Input) async throws -> Int {
        for (index, pause) in input.milliseconds.enumerated() {
            try await context.sleep(for: .milliseconds(pause))
            try context.report(index + 1)
        }
        return input.milliseconds.count
    }
}
