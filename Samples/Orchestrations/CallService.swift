import Reprise

/// Calls a service over HTTP, and follows it where it takes its time; the input says what to ask.
struct CallService: Orchestrator {
    func run(_ context: OrchestrationContext, input request: HTTPCall) async throws -> HTTPCallResult {
        try await context.callHTTP(
            request,
            retry: RetryPolicy(maximumAttempts: 3, firstInterval: .seconds(1), backoffCoefficient: 2),
            timeout: .seconds(120)
        )
    }
}
