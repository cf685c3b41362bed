import Reprise

/// Says what a user may do next, then works.
struct SetStatusTest: Orchestrator {
    func run(_ context: OrchestrationContext, input: JSON?) async throws -> String {
        try context.setCustomStatus(["nextActions": ["A", "B", "C"], "foo": 2] as JSON)
        return try await context.call(SayHello.self, "status")
    }
}
