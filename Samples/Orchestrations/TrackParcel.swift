import Reprise

/// Shows where a parcel is, as its carrier says it with events `Stage`, until it is delivered.
struct TrackParcel: Orchestrator {
    struct Whereabouts: Codable, Sendable {
        var parcel: String
        var stage: String
        /// How many stages it has been through.
        var step: Int
    }

    func run(_ context: OrchestrationContext, input parcel: String) async throws -> Int {
        var step = 0
        while true {
            let stage: String = try await context.waitForEvent("Stage")
            step += 1
            try context.setCustomStatus(Whereabouts(parcel: parcel, stage: stage, step: step))
            if stage == "delivered" { return step }
        }
    }
}
