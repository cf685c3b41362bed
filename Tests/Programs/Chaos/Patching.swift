import Reprise

/// Goes on as new, and patches its custom status in each lap: what the patches leave alone outlives the laps before.
struct Patching: Orchestrator {
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
        // The lap before has left the other one of the two.
        var patch: [String: Int?] = ["lap": lap, "value-\(lap % 2)": value]
        patch.updateValue(nil, forKey: "value-\((lap + 1) % 2)")
        if lap == 1 { patch["from"] = input.value }
        try context.patchCustomStatus(patch)
        if lap == input.laps { return value }
        try context.continueAsNew(Input(laps: input.laps, value: value, done: lap))
    }
}
