import Reprise

/// Recommends cities for a choice of 1, 2 or 3, shows them as its custom status, and waits for the one selected.
struct CityRecommender: Orchestrator {
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
        try context.setCustomStatus(recommendation)

        let city = try await context.waitForEvent("CitySelected", as: String.self)
        recommendation.recommendedCities.removeAll { $0 != city }
        recommendation.selectedCity = city
        try context.setCustomStatus(recommendation)
        return city
    }
}
