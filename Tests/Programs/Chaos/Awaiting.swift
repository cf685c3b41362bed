import Reprise

/// Waits for an event, which may have come before it was started, and works on what it brings.
struct Awaiting: Orchestrator {
    struct Input: Codable, Sendable {
        var value: Int
    }

    func run(_ context: OrchestrationContext, input: Input) async throws -> Int {
        try context.report(0)
        let brought = try await context.waitForEvent("Go", as: Int.self)
        try context.report(1)
        let result = try await context.call(
            Work.self,
            Work.Input(step: "after", value: input.value + brought, milliseconds: 20)
        )
        try context.report(2)
        return result
    }
}
