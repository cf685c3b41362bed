import Foundation
import Reprise
import RepriseClient
import RepriseKernel
import RepriseTestSupport
import Testing

/// The Swift client as other programs use it: against a real gateway, node and broker.
@Suite(.serialized) struct ClientTests {
    private struct Recommendation: Codable {
        var recommendedCities: [String]
        var selectedCity: String?
    }

    /// A node with the samples and a gateway, stopped when `body` is done.
    static func withGateway(
        _ label: String,
        _ body: (RepriseClient, _ restartGateway: () async throws -> Void) async throws -> Void
    ) async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: label)
        defer { hub.remove() }
        let node = try await hub.node()
        let port = try LoopbackListener.freePort()
        var gateway = try await hub.gateway(port: port)
        let client = try RepriseClient("http://127.0.0.1:\(port)", hub: hub.name.value)
        do {
            try await body(client) {
                await gateway.kill()
                gateway = try await hub.gateway(port: port)
            }
        } catch {
            await gateway.stop()
            await node.stop()
            throw error
        }
        await gateway.stop()
        await node.stop()
    }

    @Test(.timeLimit(.minutes(3))) func aLife() async throws {
        try await Self.withGateway("client-life") { client, _ in
            let hello = try await client.start("E1_HelloSequence")
            #expect(
                try await client.result(of: hello, as: [String].self, timeout: .seconds(60))
                    == ["Hello Tokyo!", "Hello Seattle!", "Hello London!"]
            )

            let trip = try InstanceID("trip größe +1")
            #expect(
                try await client.start("CityRecommender", 2, id: trip, options: StartOptions(tags: ["team": "travel"]))
                    == trip
            )
            let refused = await #expect(throws: RepriseError.self) {
                try await client.start("CityRecommender", 1, id: trip)
            }
            #expect(refused?.code == .alreadyExists && refused?.httpStatus == 409)
            #expect(
                try await client.start("CityRecommender", 1, id: trip, options: StartOptions(ifExists: .use)) == trip
            )
            let status = try await client.status(of: trip)
            #expect(try status.input(as: Int.self) == 2 && status.tags == ["team": "travel"])

            try await client.suspend(trip, reason: "auditors")
            #expect(try await client.status(of: trip).runtimeStatus == .suspended)
            let twice = await #expect(throws: RepriseError.self) { try await client.suspend(trip) }
            #expect(twice?.code == .alreadySuspended)
            try await client.resume(trip)
            try await client.raiseEvent("CitySelected", "London", to: trip)
            #expect(try await client.result(of: trip, as: String.self, timeout: .seconds(60)) == "London")
            #expect(try await client.status(of: trip).customStatus(as: Recommendation.self)?.selectedCity == "London")
            let late = await #expect(throws: RepriseError.self) { try await client.raiseEvent("E", to: trip) }
            #expect(late?.code == .ended)

            let again = try await client.restart(trip)
            #expect(again != trip)
            try await client.terminate(again, reason: "true")
            await #expect(
                throws: OrchestrationTerminated(id: again, orchestrator: "CityRecommender", reason: "true")
            ) { try await client.result(of: again, as: String.self, timeout: .seconds(60)) }
            try await client.restartInPlace(again)
            #expect(try await client.status(of: again).runtimeStatus == .running)

            try await until("the tagged are listed", within: .seconds(60)) {
                var listed: [InstanceID] = []
                for try await status in client.list(InstanceFilter(tags: ["team": "travel"]), pageSize: 1) {
                    listed.append(status.id)
                }
                return Set(listed) == [trip, again]
            }
            try await client.purge(trip)
            let gone = await #expect(throws: RepriseError.self) { try await client.status(of: trip) }
            #expect(gone?.code == .unknownInstance)
            try await until("the rest that has ended is purged", within: .seconds(60)) {
                try await client.purge(matching: InstanceFilter(statuses: [.completed])) == 1
            }
            #expect(try await client.purge(matching: InstanceFilter(statuses: [.completed])) == 0)
            let unknown = await #expect(throws: RepriseError.self) { try await client.start("Nobody") }
            #expect(unknown?.code == .unknownOrchestrator && unknown?.isRetriable == false)
        }
    }

    @Test(.timeLimit(.minutes(2))) func entities() async throws {
        try await Self.withGateway("client-entities") { client, _ in
            let clicks = try EntityID("Counter", "clicks")
            #expect(try await client.state(of: clicks, as: Int.self) == nil)
            for _ in 1...3 { try await client.signal(clicks, "add", 5) }
            try await until("all was added", within: .seconds(60)) {
                try await client.state(of: clicks, as: Int.self) == 15
            }
            try await until("it is listed", within: .seconds(60)) {
                for try await entity in client.entities(named: "counter", states: true) {
                    return try entity.id == clicks && entity.state(as: Int.self) == 15
                }
                return false
            }
            try await client.delete(clicks)
            try await until("it is gone", within: .seconds(60)) {
                try await client.state(of: clicks, as: Int.self) == nil
            }
        }
    }

    /// The gateway is killed and started again under a client that looks on: it sees the end, and nothing twice.
    @Test(.timeLimit(.minutes(3))) func whoeverLooksOnOutlivesTheGateway() async throws {
        try await Self.withGateway("client-watch") { client, restartGateway in
            let trip = try await client.start("CityRecommender", 2)
            async let seen = {
                var seen: [OrchestrationStatus] = []
                for try await status in client.statuses(of: trip) { seen.append(status) }
                return seen
            }()
            try await until("the cities are there", within: .seconds(60)) {
                try await client.status(of: trip).customStatus(as: Recommendation.self) != nil
            }
            for _ in 0..<3 { try await restartGateway() }
            try await client.raiseEvent("CitySelected", "London", to: trip)
            let statuses = try await seen
            #expect(statuses.last?.runtimeStatus == .completed)
            let revisions = statuses.compactMap(\.revision)
            #expect(revisions.count == statuses.count && zip(revisions, revisions.dropFirst()).allSatisfy { $0 < $1 })
        }
    }

    /// Starts without ids of their own, while the gateway dies under them: each takes effect once.
    @Test(.timeLimit(.minutes(3))) func startsWhoseAnswersAreLostHappenOnce() async throws {
        try await Self.withGateway("client-starts") { client, restartGateway in
            let count = 200
            let ids = try await withThrowingTaskGroup(of: InstanceID.self) { group in
                for number in 0..<count {
                    group.addTask {
                        try await client.start(
                            "E1_HelloSequence",
                            number,
                            options: StartOptions(tags: ["batch": "lost"])
                        )
                    }
                }
                try await restartGateway()
                return try await group.reduce(into: Set<InstanceID>()) { $0.insert($1) }
            }
            #expect(ids.count == count)
            for id in ids { _ = try await client.result(of: id, as: [String].self, timeout: .seconds(90)) }
            var listed: Set<InstanceID> = []
            for try await status in client.list(InstanceFilter(tags: ["batch": "lost"])) { listed.insert(status.id) }
            #expect(listed == ids)
        }
    }
}
