import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

/// On one broker, which knows no difference: what is declared, and who is refused.
@Suite("A hub for a cluster of brokers", .live)
struct HubForClusterTests {
    @Test("A node set to the other kind is refused by name", arguments: BrokerKind.allCases)
    func otherKind(brokers: BrokerKind) async throws {
        try await LiveHub.with(brokers: brokers) { test in
            let (other, made) = brokers == .one ? (BrokerKind.cluster, "one broker") : (.one, "a cluster of brokers")
            let topology = HubTopology(hub: test.hub, partitionCount: 2, brokers: other)
            for isRecordGone in [false, true] {
                if isRecordGone { try await test.channel().deleteQueue(test.names.record) }
                let error = await #expect(throws: HubError.self) {
                    try await topology.ensure(at: test.endpoint, logger: LiveHub.logger)
                }
                #expect(error?.code == .topology)
                #expect(error?.message.contains("REPRISE_BROKERS") == true, "\(error?.message ?? "")")
                #expect(error?.message.contains("was made for \(made)") == true, "\(error?.message ?? "")")
                // What the refused one has made of it does not keep its own nodes out.
                try await test.topology.ensure(at: test.endpoint, logger: LiveHub.logger)
                #expect(try await HubTopology.kind(of: test.hub, on: test.live.connection) == brokers)
            }
        }
    }
}
