import Reprise

/// Reports once a day, forever: each day is a generation of its own, with an empty history.
struct ReportDaily: Orchestrator {
    func run(_ context: OrchestrationContext, input day: Int) async throws {
        try await context.call(Notify.self, "Day \(day)")
        try await context.sleep(for: .days(1))
        try context.continueAsNew(day + 1)
    }
}
