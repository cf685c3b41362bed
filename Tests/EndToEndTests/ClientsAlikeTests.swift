import Foundation
import Reprise
import RepriseClient
import RepriseKernel
import RepriseTestSupport
import RepriseTesting
import Testing

@testable import reprise_samples

/// What is written against `OrchestrationClient` does the same over HTTP and in memory.
@Suite(.serialized) struct ClientsAlikeTests {
    @Test func inMemory() async throws {
        try await travel(
            with: try RepriseTesting.TestHub(
                orchestrators: [CityRecommender(), HelloSequence()],
                activities: [SayHello()],
                entities: [Counter(), Stock()]
            )
        )
    }

    @Test(.timeLimit(.minutes(3))) func overAGateway() async throws {
        try await ClientTests.withGateway("client-alike") { client, _ in try await travel(with: client) }
    }

    private func travel(with client: some OrchestrationClient) async throws {
        let trip = try await start(client)
        try await suspend(trip, client)
        try await follow(trip, client)
        try await restart(trip, client)
        try await count(client)
    }

    /// Started once, however often it is asked for.
    private func start(_ client: some OrchestrationClient) async throws -> InstanceID {
        let trip = try InstanceID("trip-1")
        let options = StartOptions(
            tags: ["team": "travel"],
            ifExists: .use,
            customStatus: ["stage": "queued"]
        )
        #expect(try await client.start("CityRecommender", 2, id: trip, options: options) == trip)
        let same = try await client.start(CityRecommender.self, 1, id: trip, options: StartOptions(ifExists: .use))
        #expect(same.id == trip)
        let refused = await #expect(throws: RepriseError.self) {
            try await client.start("CityRecommender", 1, id: trip, options: StartOptions(ifExists: .refuse))
        }
        #expect(refused?.code == .alreadyExists)
        return trip
    }

    private func suspend(_ trip: InstanceID, _ client: some OrchestrationClient) async throws {
        try await client.suspend(trip, reason: "auditors")
        let suspended = try await client.status(of: trip)
        #expect(suspended.runtimeStatus == .suspended && suspended.tags == ["team": "travel"])
        #expect(try suspended.input(as: Int.self) == 2)
        let twice = await #expect(throws: RepriseError.self) { try await client.suspend(trip) }
        #expect(twice?.code == .alreadySuspended)
        try await client.resume(trip)
    }

    /// Followed to its end.
    private func follow(_ trip: InstanceID, _ client: some OrchestrationClient) async throws {
        for try await status in client.statuses(of: trip) {
            let shown = try status.customStatus(as: JSON.self)
            guard let city = shown?["recommendedCities"]?[1] else { continue }
            try await client.raiseEvent("CitySelected", city, to: trip)
            break
        }
        #expect(try await client.result(of: trip, as: String.self, timeout: .seconds(60)) == "London")
        var changes: [OrchestrationChange] = []
        for try await change in client.changes(of: trip) { changes.append(change) }
        #expect(
            changes.map(\.kind) == [
                .started, .customStatusSet, .customStatusSet, .suspended, .resumed, .customStatusSet, .completed,
            ]
        )
        #expect(changes.map(\.runtimeStatus).suffix(4) == [.suspended, .running, .running, .completed])
        #expect(try changes.last?.output(as: String.self) == "London")
        #expect(try changes.last?.customStatus(as: CityRecommender.Recommendation.self)?.selectedCity == "London")
        let history = try await client.history(of: trip)
        #expect(
            history.map(\.kind) == [
                .executionStarted, .executionSuspended, .executionResumed, .eventRaised, .executionCompleted,
            ]
        )
        #expect(try history[3].name == "CitySelected" && history[3].input(as: String.self) == "London")
        #expect(try history.last?.result(as: String.self) == "London")
        let late = await #expect(throws: RepriseError.self) { try await client.raiseEvent("E", to: trip) }
        #expect(late?.code == .ended)
    }

    /// Restarted, terminated, failed, purged.
    private func restart(_ trip: InstanceID, _ client: some OrchestrationClient) async throws {
        let again = try await client.restart(trip)
        #expect(again != trip)
        try await client.terminate(again, reason: "enough")
        await #expect(throws: OrchestrationTerminated(id: again, orchestrator: "CityRecommender", reason: "enough")) {
            try await client.result(of: again, as: String.self, timeout: .seconds(60))
        }
        let wrong = try await client.start(CityRecommender.self, 9)
        let failed = await #expect(throws: OrchestrationFailed.self) {
            try await client.result(of: wrong, as: String.self, timeout: .seconds(60))
        }
        #expect(failed?.reason == "UnknownChoice: the input is 1, 2 or 3, not 9")
        #expect(try await wrong.end().runtimeStatus == .failed)
        try await wrong.rewind()
        #expect(try await wrong.end().runtimeStatus == .failed)
        try await wrong.purge()
        #expect(try await !client.exists(wrong))
        try await steer(client)
        try await cancel(with: client)
        try await client.restartInPlace(again)
        #expect(try await client.exists(again))
    }

    /// An entity.
    private func count(_ client: some OrchestrationClient) async throws {
        let clicks = try EntityID("Counter", "clicks")
        try await client.signal(clicks, "add", 5)
        try await until("it was added", within: .seconds(60)) { try await client.state(of: clicks, as: Int.self) == 5 }
        try await client.delete(clicks)
        try await until("it is gone", within: .seconds(60)) {
            try await client.state(of: clicks, as: Int.self) == nil
        }
        let unknown = await #expect(throws: RepriseError.self) { try await client.start("Nobody") }
        #expect(unknown?.code == .unknownOrchestrator)
    }

    private func cancel(with client: some OrchestrationClient) async throws {
        let unwanted = try await client.start(CityRecommender.self, 2)
        try await unwanted.cancel(reason: "enough", grace: .seconds(60))
        await #expect(throws: OrchestrationCanceled(id: unwanted.id, orchestrator: "CityRecommender", reason: "enough"))
        {
            try await unwanted.result(timeout: .seconds(60))
        }
    }

    /// With the types of the code, and the id as text.
    private func steer(_ client: some OrchestrationClient) async throws {
        try await client.signal(Stock.self, "cup", .put(3))
        try await client.signal(Stock.self, "cup", .take(1))
        try await until("two are left", within: .seconds(60)) { try await client.state(of: Stock.self, "cup") == 2 }
        let trip = try await client.start(CityRecommender.self, 3, id: "trip-\(3)")
        for try await status in trip.statuses {
            guard let city = try status.customStatus?.recommendedCities.first else { continue }
            // Declared: another shape under its name is refused, and the orchestration waits on.
            let wrong = await #expect(throws: RepriseError.self) { try await trip.raiseEvent("citySelected", 7) }
            #expect(wrong?.code == .invalid)
            #expect(wrong?.message.contains("data of event 'CitySelected' is not a CitySelected") == true)
            try await trip.raise(CitySelected(city: city))
            break
        }
        let city: String = try await trip.result(timeout: .seconds(60))
        #expect(city == "Tokyo")
        let status = try await trip.status()
        #expect(status.id == trip.id && status.runtimeStatus == .completed)
        #expect(try status.input == 3)
        #expect(try status.customStatus?.selectedCity == "Tokyo")
        #expect(try await client.handle(of: CityRecommender.self, id: "trip-3").result() == "Tokyo")
    }
}
