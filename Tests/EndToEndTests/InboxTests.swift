import Logging
import RepriseBroker
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

/// Quorum inboxes were called a setting of the hub, and nothing set it.
@Suite struct InboxTests {
    @Test(.timeLimit(.minutes(2))) func aHubRunsOnQuorumInboxesAndRefusesOthers() async throws {
        let hub = try DeployedHub(url: try TestEnvironment.brokerURL, label: "inboxes")
        defer { hub.remove() }
        let node = SupervisedNode(hub, environment: ["REPRISE_INBOXES": "quorum"])
        try await node.whileRunning {
            try await until("the node has made the hub", within: .seconds(60)) {
                (try? await hub.withClient { _ in }) != nil
            }
            try await hub.withClient { client in
                let input = Payload(trusted: Array("64".utf8))
                _ = try await client.startPatiently("Neighbor", id: "one", input: input)
                try await until("it completes", within: .seconds(60)) {
                    try await client.status(of: try InstanceID("one"))?.status.runtimeStatus == .completed
                }
            }
            let endpoint = try BrokerEndpoint(url: hub.url, name: "another")
            let others = HubTopology(hub: hub.name, partitionCount: 1, inboxType: .classic)
            let error = await #expect(throws: HubError.self) {
                try await others.ensure(at: endpoint, logger: Logger(label: "test"))
            }
            #expect(error?.code == .topology)
            #expect(error?.message.contains("REPRISE_INBOXES") == true)
        }
        #expect(node.deaths.isEmpty)
    }
}
