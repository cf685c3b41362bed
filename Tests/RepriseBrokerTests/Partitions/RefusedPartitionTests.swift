import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

/// What is wrong with one partition is that partition's trouble, and no other's.
@Suite("A partition that cannot be taken", .live)
struct RefusedPartitionTests {
    private let zero = PartitionNumber(0)
    private let one = PartitionNumber(1)

    private func broker(_ test: LiveHub, _ policy: TestPolicy) -> PartitionBroker {
        var broker = PartitionBroker(
            endpoint: test.endpoint,
            topology: test.topology,
            policy: policy,
            keepsLog: false,
            node: "node",
            logger: LiveHub.logger
        )
        broker.timing.settling = .zero
        broker.timing.pauseForPeople = .milliseconds(100)
        return broker
    }

    /// A stranger's word in a queue of the hub, a later release's, and one of a hub that keeps logs.
    @Test(
        "A record that this node cannot go by leaves the other partitions where they are",
        arguments: ["", "rubbish log", "journal-a log 3 7 5"]
    )
    func otherRecord(_ text: String) async throws {
        try await LiveHub.with(partitions: 2) { test in
            let channel = try await test.channel()
            try await channel.publish(
                RabbitMQMessage(properties: RabbitMQProperties(), body: Array(text.utf8)),
                routingKey: test.names.journal(zero)
            )
            let (first, second, policy) = (RecordingOwner(), RecordingOwner(), TestPolicy())
            let broker = broker(test, policy)
            let run = { @Sendable in
                try await broker.run(partitions: [(partition: zero, owner: first), (partition: one, owner: second)])
            }
            try await test.running([run]) {
                try await until("the other partition") { second.isTaken }
                try await until("the trouble") { !policy.troubles.isEmpty }
                #expect(!first.isTaken)
                // And is taken as soon as someone has done what was said.
                try await until("the purge") { try await channel.purgeQueue(test.names.journal(zero)) == 1 }
                try await until("the partition") { first.isTaken }
                #expect(!second.events.contains(.lost))
            }
        }
    }
}
