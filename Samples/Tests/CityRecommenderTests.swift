import Reprise
import RepriseTesting
import Testing

@testable import reprise_samples

@Suite("CityRecommender")
struct CityRecommenderTests {
    let hub: TestHub

    init() throws {
        hub = try TestHub(orchestrators: [CityRecommender()])
    }

    @Test("Shows what it recommends, and then what was selected", arguments: 1...3)
    func recommendation(choice: Int) async throws {
        let id = try await hub.start(CityRecommender.self, choice)
        let offered = try await hub.customStatuses(of: id, as: CityRecommender.Recommendation.self)
        let city = try #require(offered.last?.recommendedCities.last)

        try await hub.raiseEvent("CitySelected", city, to: id)
        #expect(try await hub.result(of: id, as: String.self) == city)
        let shown = try await hub.customStatuses(of: id, as: CityRecommender.Recommendation.self)
        #expect(shown.count == 2)
        #expect(shown.last?.selectedCity == city)
        #expect(shown.last?.recommendedCities == [city])
    }

    @Test("Says which choices there are")
    func unknownChoice() async throws {
        let id = try await hub.start(CityRecommender.self, 4)
        let end = try await hub.end(of: id)
        #expect(end.runtimeStatus == .failed)
        #expect(end.failure?.message == "the input is 1, 2 or 3, not 4")
    }

    @Test("Waits for as long as no one selects")
    func waiting() async throws {
        let id = try await hub.start(CityRecommender.self, 1)
        try await hub.advance(by: .days(30))
        #expect(try await hub.whatItWaitsFor(id).contains("the event 'CitySelected'"))
    }
}
