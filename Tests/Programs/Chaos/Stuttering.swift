import Reprise

/// Asks a worker (in Python, beside the suite) that gives every answer more than once.
struct Stuttering: Orchestrator {
    struct Input: Codable, Sendable {
        var value: Int
    }

    struct Call: Codable, Sendable {
        var step: String
        var value: Int
    }

    func run(_ context: OrchestrationContext, input: Input) async throws -> Int {
        var value = input.value
        for step in 1...2 {
            value = try await context.call("Stutter", Call(step: "step-\(step)", value: value))
            try context.report(step)
        }
        return value
    }
}
