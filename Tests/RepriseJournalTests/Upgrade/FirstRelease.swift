import Foundation
import Reprise

/// What the first release wrote: see `Tests/Fixtures/first-release`.
enum FirstRelease {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/first-release")
    static let hub = "orders"

    /// A data directory as that release left it, high-water mark and all lost.
    static func journal() throws -> JournalDirectory {
        let data = JournalDirectory()
        try FileManager.default.copyItem(
            at: directory.appending(path: "partition-0.sqlite"),
            to: URL(filePath: data.database)
        )
        return data
    }
}

/// The decisions of the samples as that release had them; they must never be edited.
struct RecordedHello: Orchestrator {
    static let name = "E1_HelloSequence"

    func run(_ context: OrchestrationContext, input: JSON?) async throws -> [String] {
        var outputs: [String] = []
        for city in ["Tokyo", "Seattle", "London"] {
            outputs.append(try await context.call("E1_SayHello", city, returning: String.self))
            try context.setCustomStatus(city)
        }
        return outputs
    }
}

struct RecordedCity: Orchestrator {
    static let name = "CityRecommender"

    func run(_ context: OrchestrationContext, input: Int) async throws -> String {
        try context.setCustomStatus("choice \(input)")
        let city = try await context.waitForEvent("CitySelected", as: String.self)
        try context.setCustomStatus(city)
        return city
    }
}

struct RecordedTicket: Orchestrator {
    static let name = "ReserveTicket"

    func run(_ context: OrchestrationContext, input: JSON) async throws -> Bool {
        let discount = try await context.call("CalculateDiscount", input, returning: Int.self)
        try context.setCustomStatus(discount)
        do {
            return try await context.waitForEvent("BookingConfirmed", timeout: .seconds(60))
        } catch is EventTimeout {
            return false
        }
    }
}
