import Reprise

/// Greets three cities, one after another, and says after each how far it has come.
struct HelloSequence: Orchestrator {
    static let name = "E1_HelloSequence"

    func run(_ context: OrchestrationContext, input: JSON?) async throws -> [String] {
        var outputs: [String] = []
        for city in ["Tokyo", "Seattle", "London"] {
            outputs.append(try await context.call(SayHello.self, city))
            try context.setCustomStatus(city)
        }
        return outputs
    }
}

struct SayHello: Activity {
    static let name = "E1_SayHello"

    func run(_ context: ActivityContext, input city: String) async throws -> String {
        "Hello \(city)!"
    }
}
