import Testing

@testable import RabbitMQ

/// Declarations and their refusals, on a real broker.
@Suite(.timeLimit(.minutes(1))) struct TopologyTests {
    @Test func exchangesQueuesAndBindings() async throws {
        try await TestBroker.withConnection { connection in
            let channel = try await connection.openChannel()
            let (first, second) = (TestBroker.uniqueName("x1"), TestBroker.uniqueName("x2"))
            try await channel.declareExchange(first, kind: .topic, arguments: ["alternate-exchange": .string(second)])
            try await channel.declareExchange(second, kind: .fanout, autoDelete: true, internal: true)
            try await channel.declareExchange(first, kind: .topic, passive: true)
            let queue = try await channel.declareQueue(exclusive: true, arguments: ["x-max-length": 5]).name
            try await channel.bindQueue(queue, to: second)
            try await channel.bindExchange(second, to: first, routingKey: "a.#")
            try await channel.publish(RabbitMQMessage(body: [1]), exchange: first, routingKey: "a.b")
            #expect(try await channel.get(queue, noAck: true)?.exchange == first)
            try await channel.unbindExchange(second, from: first, routingKey: "a.#")
            try await channel.unbindQueue(queue, from: second)
            let error = await #expect(throws: RabbitMQError.self) {
                try await channel.publish(RabbitMQMessage(body: [2]), exchange: first, routingKey: "a.b")
            }
            #expect(error?.code == .returned)
            try await channel.deleteExchange(first)
            try await channel.deleteExchange(first)
        }
    }

    @Test func countsWhatIsThereAndWhatGoes() async throws {
        try await TestBroker.withConnection { connection in
            let channel = try await connection.openChannel()
            let queue = TestBroker.uniqueName("counted")
            #expect(
                try await channel.declareQueue(queue)
                    == RabbitMQQueueInfo(name: queue, messageCount: 0, consumerCount: 0)
            )
            for _ in 0..<3 { try await channel.publish(RabbitMQMessage(), routingKey: queue) }
            try await connection.openChannel().consume(queue)
            #expect(try await channel.declareQueue(queue, passive: true).consumerCount <= 1)
            let other = TestBroker.uniqueName("purged")
            try await channel.declareQueue(other)
            for _ in 0..<2 { try await channel.publish(RabbitMQMessage(), routingKey: other) }
            #expect(try await channel.purgeQueue(other) == 2)
            #expect(try await channel.deleteQueue(other, ifEmpty: true) == 0)
            #expect(try await channel.deleteQueue(other) == 0)
            try await channel.deleteQueue(queue)
        }
    }

    @Test func aMistakeClosesItsChannelAndNoOther() async throws {
        try await TestBroker.withConnection { connection in
            let (bystander, bystanding) = try await connection.openRecordedChannel()
            let queue = try await bystander.declareQueue(TestBroker.uniqueName("q"), exclusive: true).name
            let (missing, missed) = try await connection.openRecordedChannel()
            let notFound = await #expect(throws: RabbitMQError.self) {
                try await missing.declareQueue(TestBroker.uniqueName("none"), passive: true)
            }
            #expect(notFound?.code == .notFound)
            #expect(try await missed.closed().replyCode == 404)
            let again = await #expect(throws: RabbitMQError.self) { try await missing.setPrefetch(1) }
            #expect(again?.code == .notFound)

            let (other, others) = try await connection.openRecordedChannel()
            let different = await #expect(throws: RabbitMQError.self) {
                try await other.declareQueue(queue, exclusive: true, arguments: ["x-max-length": 1])
            }
            #expect(different?.code == .preconditionFailed)
            #expect(others.events.count == 1)

            let (careless, carelessness) = try await connection.openRecordedChannel()
            careless.ack(4_711)
            #expect(try await carelessness.closed().replyCode == 406)

            try await bystander.publish(RabbitMQMessage(body: [1]), routingKey: queue)
            #expect(bystanding.events.isEmpty)
            #expect(connection.closeReason == nil)
        }
    }

    @Test func anotherConnectionsQueueIsLocked() async throws {
        try await TestBroker.withConnection { holder in
            try await TestBroker.withConnection { contender in
                let queue = try await holder.openChannel().declareQueue(TestBroker.uniqueName("mine"), exclusive: true)
                    .name
                let channel = try await contender.openChannel()
                let error = await #expect(throws: RabbitMQError.self) {
                    try await channel.declareQueue(queue, exclusive: true)
                }
                #expect(error?.code == .resourceLocked)
                #expect(error?.replyCode == 405)
            }
        }
    }

    @Test func argumentsThatCannotBeSentHarmNothing() async throws {
        try await TestBroker.withConnection { connection in
            let channel = try await connection.openChannel()
            let name = await #expect(throws: RabbitMQError.self) {
                try await channel.declareQueue(String(repeating: "q", count: 256))
            }
            #expect(name?.code == .invalidArgument)
            let table = await #expect(throws: RabbitMQError.self) {
                try await channel.declareQueue(
                    exclusive: true,
                    arguments: ["x": .bytes([UInt8](repeating: 0, count: 200_000))]
                )
            }
            #expect(table?.code == .tooLarge)
            try await channel.declareQueue(exclusive: true)
        }
    }

    @Test func channelNumbersAreUsedAgain() async throws {
        try await TestBroker.withConnection { connection in
            let first = try await connection.openChannel()
            for round in 0..<60 {
                let (channel, events) = try await connection.openRecordedChannel()
                if round % 2 == 0 {
                    await channel.close()
                    #expect(try await events.closed().code == .closed)
                } else {
                    _ = try? await channel.declareQueue(TestBroker.uniqueName("none"), passive: true)
                    #expect(try await events.closed().code == .notFound)
                }
                #expect(events.events.count == 1)
            }
            try await first.setPrefetch(1)
        }
    }
}
