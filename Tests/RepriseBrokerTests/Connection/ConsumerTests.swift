import RabbitMQ
import RepriseKernel
import Testing

@testable import RepriseBroker

/// What consumers have in common, on a real broker.
@Suite(.live) struct ConsumerTests {
    private func queue(_ test: LiveHub) -> String { test.names.inbox(PartitionNumber(0)) }

    @Test("What has come before a queue is deleted is still handed out, then why nothing comes any more is thrown")
    func deleted() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let consumer = try await Consumer.open(on: test.live.connection, confirms: false)
            try await consumer.consume(queue(test), prefetch: 10)
            let channel = try await test.channel()
            try await channel.publish(RabbitMQMessage(body: [1]), routingKey: queue(test))
            try await channel.publish(RabbitMQMessage(body: [2]), routingKey: queue(test))
            try await channel.deleteQueue(queue(test))
            let end = await consumer.ended.value()
            #expect(end?.code == .notFound)
            #expect(end?.message == "The queue '\(queue(test))' was deleted.")
            var bodies: [RabbitMQBody] = []
            let error = await #expect(throws: RabbitMQError.self) {
                try await consumer.forEachBatch { bodies += $0.map(\.body) }
            }
            #expect(error?.message == end?.message)
            #expect(bodies == [.bytes([1]), .bytes([2])])
        }
    }

    @Test("The end of a consumer ends what runs beside it, and is thrown")
    func ends() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let consumer = try await Consumer.open(on: test.live.connection, take: { _ in })
            try await consumer.consume(queue(test), noAck: true)
            let never = Promise<Void>()
            let error = await #expect(throws: RabbitMQError.self) {
                try await consumer.run { group in
                    group.addTask { _ = await never.value() }
                    group.addTask {
                        await consumer.channel.close()
                        _ = await never.value()
                    }
                }
            }
            #expect(error?.code == .closed)
        }
    }
}
