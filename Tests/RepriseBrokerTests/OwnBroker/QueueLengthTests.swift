import RabbitMQ
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

@Suite("A policy that gives queues a length", .serialized, .timeLimit(.minutes(3)))
struct QueueLengthTests {
    /// 200 starts were confirmed, and 50 ran: a queue that is full drops its oldest message unless it is made to refuse.
    @Test("What is confirmed is kept; what has no room is refused")
    func nothingConfirmedIsDropped() async throws {
        try await OwnBroker.with("length") { broker, endpoint in
            try await LiveHub.with(partitions: 1, at: endpoint) { test in
                try await broker.control("set_policy", "short", "^reprise\\.", #"{"max-length": 10}"#)
                try await Self.check(test.names.intake, test)
                try await Self.check(test.names.inbox(PartitionNumber(0)), test)
            }
        }
    }

    private static func check(_ queue: String, _ test: LiveHub) async throws {
        // A policy takes a moment to reach a queue.
        try await until("\(queue) refuses") {
            let confirmed = try await confirms(20, to: queue, test)
            return confirmed < 20
        }
        let before = try await test.depth(queue) ?? 0
        #expect(before > 0)
        let confirmed = try await confirms(50, to: queue, test)
        let after = try await test.depth(queue) ?? 0
        #expect(after == before + confirmed, "\(queue)")
    }

    /// How many of so many messages the broker confirms.
    private static func confirms(_ count: Int, to queue: String, _ test: LiveHub) async throws -> Int {
        let channel = try await test.live.connection.openChannel()
        var confirmed = 0
        for number in 0..<count where try await isConfirmed(number, queue, channel) { confirmed += 1 }
        await channel.close()
        return confirmed
    }

    private static func isConfirmed(_ number: Int, _ queue: String, _ channel: RabbitMQChannel) async throws -> Bool {
        do {
            try await channel.publish(
                RabbitMQMessage(body: Array("\(number)".utf8)),
                routingKey: queue,
                mandatory: true
            )
            return true
        } catch {
            guard error.code == .rejected else { throw error }
            return false
        }
    }

    /// A broker lets no one change what a queue was made with, so a hub of an earlier release stays as it is.
    @Test("A hub of an earlier release is taken as it is, and its weakness said")
    func formerHub() async throws {
        try await OwnBroker.with("former") { _, endpoint in
            let hub = HubName(checked: "former")
            let names = HubNames(hub)
            try await endpoint.withChannel(for: "test") { channel in
                try await channel.declareQueue(names.intake, arguments: QueueArguments.formerIntake)
                // The last one is there: a hub of fewer partitions would be another.
                for number in [0, 2] {
                    try await channel.declareQueue(
                        names.inbox(PartitionNumber(number)),
                        arguments: QueueArguments.formerInbox(.classic)
                    )
                }
            }
            var topology = HubTopology(hub: hub, partitionCount: 3)
            topology.settlingTime = .zero
            let lines = LogLines()
            try await topology.ensure(at: endpoint, logger: lines.logger)
            try await topology.ensure(at: endpoint, logger: lines.logger)
            #expect(lines.all.count == 2, "\(lines.all)")
            #expect(lines.all.allSatisfy { $0.contains("hub 'former' was made by an earlier release") }, "\(lines.all)")
            #expect(try await HubTopology.partitionCount(of: hub, at: endpoint) == 3)
            try await endpoint.withConnection(for: "test") { live in
                let dropping = try await topology.declareQueues(on: live.connection)
                #expect(dropping.count == 3)
            }
        }
    }
}
