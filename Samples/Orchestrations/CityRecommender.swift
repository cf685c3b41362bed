import Reprise

/// Recommends cities for a choice of 1, 2 or 3, shows them as its custom status, and waits for the one selected.
struct CityRecommender: Orchestrator {
    typealias Status = Recommendation
    static let events: [any ExternalEvent.Type] = [CitySelected.self]

    struct Recommendation: Codable {
        var recommendedCities: [String]
        var recommendedSeasons: [String]
        var selectedCity: String?
    }

    func run(_ context: OrchestrationContext, input choice: Int) async throws -> String {
        var recommendation: Recommendation
        switch choice {
        case 1:
            recommendation = Recommendation(
                recommendedCities: ["Tokyo", "Seattle"],
                recommendedSeasons: ["Spring", "Summer"]
            )
        case 2:
            recommendation = Recommendation(recommendedCities: ["Seattle", "London"], recommendedSeasons: ["Summer"])
        case 3:
            recommendation = Recommendation(
                recommendedCities: ["Tokyo", "London"],
                recommendedSeasons: ["Spring", "Summer"]
            )
        default:
            throw Failure(type: "UnknownChoice", message: "the input is 1, 2 or 3, not \(choice)")
        }
        try setStatus(recommendation, in: context)

        let city = try await context.wait(for: CitySelected.self).city
        recommendation.recommendedCities.removeAll { $0 != city }
        recommendation.selectedCity = city
        try setStatus(recommendation, in: context)
        return city
    }
}

/// The city that someone has chosen: its name, as text.
struct CitySelected: ExternalEvent {
    var city: String

    init(city: String) { self.city = city }
    init(from decoder: any Decoder) throws { city = try decoder.singleValueContainer().decode(String.self) }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(city)
    }
}
