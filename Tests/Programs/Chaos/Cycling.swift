import Reprise

/// Goes on as new, lap after lap; what it carries along is all that is left of the laps before.
struct Cycling: Orchestrator {
    struct Input: Codable, Sendable {
        var laps: Int
        var value: Int
        var done: Int?
    }

    func run(_ context: OrchestrationContext, input: Input) async throws -> Int {
        let lap = (input.done ?? 0) + 1
        let value = try await context.call(
            Work.self,
            Work.Input(step: "lap-\(lap)", value: input.value, milliseconds: 10)
        )
        try context.report(lap)
        if lap == input.laps { return value }
        try context.continueAsNew(Input(laps: input.laps, value: value, done: lap))
    }
}
