import RepriseTestSupport
import Synchronization
import Testing

@testable import RabbitMQ

/// Deliveries and acknowledgements, on a real broker.
@Suite(.timeLimit(.minutes(1))) struct ConsumingTests {
    func publish(_ count: Int, to queue: String, on channel: RabbitMQChannel, _ events: ChannelRecorder) async throws {
        let before = events.settlements.count
        channel.publish((0..<count).map { .text(UInt64($0), "\($0)", to: queue, messageID: "\($0)") })
        _ = try await events.settlements(before + count)
    }

    @Test func prefetchBoundsWhatIsUnacknowledged() async throws {
        try await TestBroker.withConnection { connection in
            let (channel, events) = try await connection.openRecordedChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            try await publish(10, to: queue, on: channel, events)
            try await channel.setPrefetch(4)
            let tag = try await channel.consume(queue)
            let first = try await events.deliveries(4)
            #expect(first.map(\.properties.messageID) == ["0", "1", "2", "3"])
            #expect(first.allSatisfy { $0.consumerTag == tag && !$0.redelivered && $0.routingKey == queue })
            #expect(try await channel.declareQueue(queue, passive: true).messageCount == 6)
            #expect(events.deliveries.count == 4)
            channel.ack(first[3].tag, multiple: true)
            let second = try await events.deliveries(8)
            channel.ack(second[7].tag, multiple: true)
            let third = try await events.deliveries(10)
            channel.nack(third[9].tag, requeue: true)
            let fourth = try await events.deliveries(11)
            #expect(fourth[10].redelivered)
            #expect(fourth[10].properties.messageID == "9")
            try await channel.cancel(tag)
        }
    }

    private final class Holder: Sendable {
        private let channel = Mutex<RabbitMQChannel?>(nil)

        func hold(_ channel: RabbitMQChannel) { self.channel.withLock { $0 = channel } }

        func hear(_ event: RabbitMQChannelEvent) { channel.withLock { $0 }?.ack(0) }
    }

    /// Each connection that was replaced left its channels, and those who had heard them, in memory.
    @Test func whoeverHearsAChannelMayHoldIt() async throws {
        try await TestBroker.withConnection { connection in
            weak var held: Holder?
            do {
                let holder = Holder()
                held = holder
                let channel = try await connection.openChannel { holder.hear($0) }
                holder.hold(channel)
                await channel.close()
            }
            try await until("the holder is let go", within: .seconds(10)) { held == nil }
        }
    }

    @Test func nothingArrivesAfterACancel() async throws {
        try await TestBroker.withConnection { connection in
            let (channel, events) = try await connection.openRecordedChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            let tag = try await channel.consume(queue, tag: "mine", noAck: true)
            #expect(tag == "mine")
            try await publish(3, to: queue, on: channel, events)
            _ = try await events.deliveries(3)
            try await channel.cancel(tag)
            let before = events.deliveries.count
            try await publish(3, to: queue, on: channel, events)
            #expect(try await channel.declareQueue(queue, passive: true).messageCount == 3)
            #expect(events.deliveries.count == before)
        }
    }

    // Without the capability consumer_cancel_notify the consumer of a deleted queue waits forever, and no one knows.
    @Test func theEndOfAQueueIsTheEndOfItsConsumer() async throws {
        try await TestBroker.withConnection { connection in
            let (channel, events) = try await connection.openRecordedChannel()
            let queue = try await channel.declareQueue(TestBroker.uniqueName("doomed")).name
            let tag = try await channel.consume(queue)
            try await connection.openChannel().deleteQueue(queue)
            let cancelled = try await events.wait("cancellation") { events -> String? in
                for case .consumerCancelled(let tag) in events { return tag }
                return nil
            }
            #expect(cancelled == tag)
            #expect(channel.closeReason == nil)
        }
    }

    @Test func exclusiveConsumersLockOthersOut() async throws {
        try await TestBroker.withConnection { connection in
            let (holder, _) = try await connection.openRecordedChannel()
            let queue = try await holder.declareQueue(
                TestBroker.uniqueName("lock"),
                arguments: ["x-queue-type": "classic"]
            ).name
            try await holder.consume(queue, exclusive: true)
            let (contender, events) = try await connection.openRecordedChannel()
            let error = await #expect(throws: RabbitMQError.self) {
                try await contender.consume(queue, exclusive: true)
            }
            #expect(error?.code == .accessRefused)
            #expect(error?.replyCode == 403)
            #expect(error?.isRetriable == true)
            #expect(try await events.closed().code == .accessRefused)
            #expect(holder.closeReason == nil)
            await holder.close()
            let next = try await connection.openChannel()
            try await next.consume(queue, exclusive: true)
            try await next.deleteQueue(queue)
        }
    }

    @Test func propertiesAndHeadersSurviveTheTrip() async throws {
        try await TestBroker.withConnection { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            let headers: RabbitMQTable = [
                "null": nil, "bool": true, "int": .int(.min), "double": 1.5, "string": "héllo 🌍", "empty": "",
                "bytes": .bytes([0xFF, 0, 0xC3]), "timestamp": .timestamp(1_700_000_000),
                "decimal": .decimal(scale: 2, value: 314), "array": [1, "two", [3]], "table": ["a": ["b": 7]],
            ]
            let properties = RabbitMQProperties(
                contentType: "application/json",
                contentEncoding: "identity",
                headers: headers,
                persistent: false,
                priority: 3,
                correlationID: "c",
                replyTo: "r",
                expiration: "60000",
                messageID: "m",
                timestamp: 1_700_000_001,
                type: "T",
                userID: connection.core.configuration.username,
                appID: "a"
            )
            try await channel.publish(RabbitMQMessage(properties: properties, body: [1, 2, 3]), routingKey: queue)
            let delivery = try #require(try await channel.get(queue))
            #expect(delivery.properties == properties)
            #expect(delivery.body == .bytes([1, 2, 3]))
            #expect(delivery.consumerTag == "")
            #expect(delivery.routingKey == queue)
            channel.ack(delivery.tag)
            #expect(try await channel.get(queue) == nil)

            try await channel.publish(RabbitMQMessage(), routingKey: queue)
            let bare = try #require(try await channel.get(queue, noAck: true))
            // Neither a message-id nor any header was set: only the number that tells a return apart is there.
            #expect(Array(bare.properties.headers.keys) == [RabbitMQPublication.sequenceHeader])
            #expect(bare.properties.contentType == nil)
            #expect(bare.body == .bytes([]))
        }
    }

    @Test func bodiesBeyondTheLimitAreDroppedAndTheConnectionLives() async throws {
        var generous = try TestBroker.configuration()
        generous.maximumBodySize = 4 * 1_048_576
        let limit = try TestBroker.configuration().maximumBodySize
        let small = [UInt8](repeating: 1, count: limit)
        let large = (0..<(limit + 1)).map { UInt8(truncatingIfNeeded: $0) }
        var hash = FNV1a64()
        large.withUnsafeBytes { hash.combine($0) }
        try await TestBroker.withConnection(generous) { sender in
            try await TestBroker.withConnection { receiver in
                let (channel, events) = try await receiver.openRecordedChannel()
                let queue = TestBroker.uniqueName("large")
                try await channel.declareQueue(queue, autoDelete: true)
                try await channel.consume(queue)
                let publisher = try await sender.openChannel()
                try await publisher.publish(RabbitMQMessage(body: small), routingKey: queue)
                try await publisher.publish(
                    RabbitMQMessage(properties: RabbitMQProperties(messageID: "large"), body: large),
                    routingKey: queue
                )
                try await publisher.publish(RabbitMQMessage(body: [42]), routingKey: queue)
                let deliveries = try await events.deliveries(3)
                #expect(deliveries[0].body == .bytes(small))
                #expect(deliveries[1].body == .dropped(size: UInt64(limit) + 1, fnv1a64: hash.value))
                #expect(deliveries[1].properties.messageID == "large")
                #expect(deliveries[2].body == .bytes([42]))
                #expect(receiver.closeReason == nil)
            }
        }
    }

    // librabbitmq's own function for one channel drops frames of the others.
    @Test func manyFramesOverTwoChannelsStayApart() async throws {
        try await TestBroker.withConnection { connection in
            let publisher = try await connection.openChannel()
            var consumers: [(RabbitMQChannel, ChannelRecorder, String)] = []
            for _ in 0..<2 {
                let (channel, events) = try await connection.openRecordedChannel()
                let queue = try await channel.declareQueue(exclusive: true).name
                consumers.append((channel, events, queue))
            }
            func body(_ queue: Int, _ number: Int) -> [UInt8] {
                [UInt8](repeating: UInt8(queue * 100 + number), count: 150_000 * (number % 3) + number)
            }
            for number in 0..<40 {
                for queue in 0..<2 {
                    let message = RabbitMQMessage(
                        properties: RabbitMQProperties(messageID: "\(queue).\(number)"),
                        body: body(queue, number)
                    )
                    try await publisher.publish(message, routingKey: consumers[queue].2)
                }
            }
            for (channel, _, queue) in consumers { try await channel.consume(queue, noAck: true) }
            for (index, consumer) in consumers.enumerated() {
                let deliveries = try await consumer.1.deliveries(40)
                #expect(deliveries.map(\.properties.messageID) == (0..<40).map { "\(index).\($0)" })
                for (number, delivery) in deliveries.enumerated() {
                    #expect(delivery.body.bytes == body(index, number))
                }
            }
        }
    }
}
