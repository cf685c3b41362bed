import Foundation
import RepriseBroker
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

/// What ten thousand orchestrations leave in memory, and what ten thousand waiting ones take.
@Suite(.serialized) struct MemoryTests {
    private static let count = 10_000
    #if DEBUG
        /// A loaded machine lets more wait at a time: 165 MiB were measured on one. 8 KB kept of each orchestration would
        /// add 78.
        private static let limit = 220 << 20
    #else
        private static let limit = 150 << 20
    #endif

    @Test(.timeLimit(.minutes(8))) func memoryStaysSmall() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "memory")
        defer { hub.remove() }
        let node = try await hub.node()
        let gateway = try await hub.gateway(port: try LoopbackListener.freePort())
        try await hub.withClient { client in
            try await Self.start("E1_HelloSequence", .null, "done", client)
            try await until("all of them complete", within: .seconds(200)) {
                hub.observer.instances("done-").values.count { $0.end?.kind == .completed } == Self.count
            }
            let served = try node.ownMemory() + gateway.ownMemory()
            print("node and gateway after \(Self.count) orchestrations: \(served >> 20) MiB")
            #expect(served < Self.limit)

            let before = try node.ownMemory()
            try await Self.start("CityRecommender", Payload(trusted: Array("1".utf8)), "waiting", client)
            try await until("all of them wait", within: .seconds(200)) {
                hub.observer.instances("waiting-").values.count { $0.versions.contains(2) } == Self.count
            }
            let more = try node.ownMemory() - before
            print("\(Self.count) waiting instances: \(more >> 20) MiB")
            #expect(more < Self.limit)
        }
        await gateway.stop()
        await node.stop()
    }

    /// Two hundred at a time.
    private static func start(
        _ orchestrator: String,
        _ input: Payload,
        _ prefix: String,
        _ client: BrokerHubClient
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<200 {
                group.addTask {
                    for number in stride(from: lane, to: count, by: 200) {
                        _ = try await client.startPatiently(orchestrator, id: "\(prefix)-\(number)", input: input)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
