import Reprise

/// Packs so many parcels, a few at a time, and says how many are packed; each packer says what it is at.
struct PackParcels: Orchestrator {
    struct Progress: Codable {
        var stage: String
        var done: Int
        var total: Int
    }

    func run(_ context: OrchestrationContext, input count: Int) async throws -> Int {
        var progress = Progress(stage: "packing", done: 0, total: count)
        try context.setCustomStatus(progress)
        for parcel in 0..<max(0, count) {
            try await context.call(PackParcel.self, parcel)
            progress.done += 1
            try context.setCustomStatus(progress)
        }
        progress.stage = "handing over"
        try context.setCustomStatus(progress)
        try await context.sleep(for: .seconds(1))
        return progress.done
    }
}

/// Takes as long as a parcel takes.
struct PackParcel: Activity {
    private static let items = 8

    func run(_ context: ActivityContext, input parcel: Int) async throws {
        for item in 0..<Self.items {
            try context.reportProgress(["item": .integer(Int64(item)), "of": .integer(Int64(Self.items))])
            try await ContinuousClock().sleep(for: .milliseconds(100))
        }
    }
}
