import Foundation
import RabbitMQ
import RepriseBroker
import RepriseEngine
import RepriseKernel
import Testing

/// Subscribers to a hub's status messages that do not take what they are sent. Nobody else may suffer for it.
@Suite(.serialized) struct SubscriberTests {
    /// Each of its refusals was repeated to all other subscribers every 30 s, for ever.
    @Test(.timeLimit(.minutes(3))) func aFullQueueIsOfferedEachMessageAFewTimes() async throws {
        let hub = try TestHub(url: try Programs.environment("REPRISE_TEST_AMQP_URL"), label: "e14")
        defer { hub.remove() }
        let node = try await hub.node()
        try await hub.withClient { client in
            let full = try await Stranger(
                to: hub,
                "full",
                arguments: ["x-max-length": 1, "x-overflow": "reject-publish"]
            )
            let other = try await Stranger(to: hub, "other")
            for number in 0..<10 { _ = try await client.startPatiently("E1_HelloSequence", id: "hello-\(number)") }
            try await eventually("the full queue refuses") { try await Self.retrying(client) > 0 }
            try await eventually("it is let go") { try await Self.retrying(client) == 0 }
            let copies = try await other.take()
            #expect(copies.count >= 50)
            #expect(copies.values.max() == 5, "offered five times: \(copies)")
            // Whoever gives up has given up: nothing comes again.
            try await Task.sleep(for: .seconds(20))
            #expect(try await other.take().isEmpty)
            #expect(try await Self.retrying(client) == 0)
            try await full.leave()
            try await other.leave()
        }
        await node.stop()
    }

    private static func retrying(_ client: BrokerHubClient) async throws -> Int {
        var sum = 0
        for partition in 0..<client.partitionCount {
            let answer = try await client.ask(.health, partition: PartitionNumber(partition))
            guard case .health(let health) = answer else { throw NoHealth(answer: answer) }
            sum += health.retrying
        }
        return sum
    }
}

private struct NoHealth: Error { var answer: Answer }
