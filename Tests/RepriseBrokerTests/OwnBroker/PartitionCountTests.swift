import Foundation
import RabbitMQ
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

@Suite("How many partitions a hub has", .serialized, .timeLimit(.minutes(3)))
struct PartitionCountTests {
    /// Each call of the command line left an error in the broker's log, of an inbox that no hub of this size has.
    @Test("It is found without an error in the broker's log", arguments: [1, 3])
    func noErrorInLog(partitions: Int) async throws {
        try await OwnBroker.with("count") { broker, endpoint in
            try await LiveHub.with(partitions: partitions, at: endpoint) { test in
                // Who founds a hub looks whether there is one.
                let first = try await Self.missing(test, broker)
                try await Self.find(partitions, test)
                try await Self.find(partitions, test)
                #expect(try await Self.missing(test, broker) == first)
            }
        }
    }

    @Test("It is found while an inbox is missing, and in hubs that say less of themselves")
    func always() async throws {
        try await OwnBroker.with("count") { broker, endpoint in
            try await LiveHub.with(partitions: 3, at: endpoint) { test in
                let channel = try await test.channel()
                let inbox = test.names.inbox(PartitionNumber(1))
                try await channel.deleteQueue(inbox)
                let first = try await Self.missing(test, broker)
                try await Self.find(3, test)
                #expect(try await Self.missing(test, broker) == first)
                try await test.topology.repair(on: test.live.connection)

                // As an earlier release made it, or someone left it.
                try await channel.deleteExchange(test.names.size(3))
                for left in 1...2 {
                    try await channel.purgeQueue(test.names.record)
                    for _ in 0..<left { try await channel.publish(RabbitMQMessage(), routingKey: test.names.record) }
                    try await Self.find(3, test)
                }
                #expect(try await Self.missing(test, broker) != first)

                // The next node that starts completes it.
                try await channel.declareExchange(test.names.size(2), kind: .fanout)
                try await test.topology.ensure(at: endpoint, logger: LiveHub.logger)
                #expect(try await test.depth(test.names.record) == 3)
                let before = try await Self.missing(test, broker)
                try await Self.find(3, test)
                #expect(try await Self.missing(test, broker) == before)
                #expect(try await Self.exists(test.names.size(2), test) == false)
            }
        }
    }

    private static func find(_ partitions: Int, _ test: LiveHub) async throws {
        #expect(try await HubTopology.partitionCount(of: test.hub, at: test.endpoint) == partitions)
    }

    private static func exists(_ exchange: String, _ test: LiveHub) async throws -> Bool {
        let channel = try await test.live.connection.openChannel(confirms: false)
        do {
            try await channel.declareExchange(exchange, kind: .fanout, passive: true)
        } catch  where error.code == .notFound {
            return false
        }
        await channel.close()
        return true
    }

    /// What of the hub someone asked the broker for in vain, by its log.
    private static func missing(_ test: LiveHub, _ broker: BrokerScript) async throws -> [String] {
        // The log is behind: what we ask for in vain ourselves comes last.
        let last = test.names.activity(RandomID.make())
        #expect(try await test.live.connection.existingQueue(last) == nil)
        return try await untilFound("the log's last line") {
            let lines = try broker.log().split(separator: "\n").filter {
                $0.contains("no queue") || $0.contains("no exchange")
            }
            guard lines.contains(where: { $0.contains(last) }) else { return nil }
            return lines.map(String.init).filter {
                $0.contains("reprise.\(test.hub).") && !$0.contains(test.names.activity(""))
            }
        }
    }
}
