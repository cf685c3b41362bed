import Reprise

/// An activity that fails a number of times under a retry policy.
struct Persisting: Orchestrator {
    struct Input: Codable, Sendable {
        var failures: Int
    }

    func run(_ context: OrchestrationContext, input: Input) async throws -> Int {
        try context.report(0)
        let attempts = try await context.call(
            Flaky.self,
            Flaky.Input(step: "flaky", failures: input.failures),
            retry: RetryPolicy(maximumAttempts: input.failures + 1, firstInterval: .milliseconds(200))
        )
        try context.report(1)
        return attempts
    }
}
