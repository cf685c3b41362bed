import Reprise

/// Waits for what never comes; when someone cancels it, there is something to undo.
struct Renouncing: Orchestrator {
    struct Input: Codable, Sendable {
        var value: Int
    }

    func run(_ context: OrchestrationContext, input: Input) async throws -> Int {
        do {
            return try await context.waitForEvent("Pardon")
        } catch is CancellationError where context.isCancellationRequested {
            try await context.call(Work.self, Work.Input(step: "undo", value: input.value, milliseconds: 100))
            try context.report(1)
            throw CancellationError()
        }
    }
}
