import Reprise

/// Some activities, one after another; each takes what the one before gave.
struct Chain: Orchestrator {
    struct Input: Codable, Sendable {
        var steps: Int
        var value: Int
        var milliseconds: Int
    }

    func run(_ context: OrchestrationContext, input: Input) async throws -> Int {
        var value = input.value
        for step in 1...input.steps {
            value = try await context.call(
                Work.self,
                Work.Input(step: "step-\(step)", value: value, milliseconds: input.milliseconds)
            )
            try context.report(step)
        }
        return value
    }
}
