import RepriseTestSupport
import Testing

@testable import RabbitMQ

/// What becomes of publications, on a real broker.
@Suite(.timeLimit(.minutes(1))) struct PublishingTests {
    @Test func everyPublicationIsConfirmedOnceThroughASmallWindow() async throws {
        var configuration = try TestBroker.configuration()
        configuration.publishWindow = .init(messages: 16, bytes: 4_096)
        try await TestBroker.withConnection(configuration) { connection in
            let (channel, events) = try await connection.openRecordedChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            for start in stride(from: 0, to: 2_000, by: 250) {
                let batch = (start..<start + 250).map {
                    RabbitMQPublication.text(UInt64($0), "message \($0)", to: queue, messageID: "\($0)")
                }
                #expect(channel.publish(batch))
            }
            let settled = try await events.settlements(2_000)
            #expect(Set(settled.map(\.id)) == Set(0..<2_000))
            #expect(settled.count == 2_000)
            #expect(settled.allSatisfy { $0.outcome == .confirmed })
            #expect(try await channel.declareQueue(queue, passive: true).messageCount == 2_000)
        }
    }

    // The broker acknowledges an unroutable message like any other, out of order, and names it only by its content.
    @Test func whatNoQueueWantsIsToldApart() async throws {
        try await TestBroker.withConnection { connection in
            let (channel, events) = try await connection.openRecordedChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            let nowhere = TestBroker.uniqueName("nowhere")
            channel.publish([
                .text(1, "x", to: queue, messageID: "same"),
                .text(2, "x", to: nowhere, messageID: "same"),
                .text(3, "x", to: nowhere, mandatory: false, messageID: "same"),
                .text(4, "x", to: nowhere),
                .text(5, "x", to: queue),
                .text(6, "x", to: nowhere, messageID: "other"),
            ])
            let settled = try await events.settlements(6)
            let outcomes = Dictionary(uniqueKeysWithValues: settled.map { ($0.id, $0.outcome) })
            let returned = RabbitMQPublishOutcome.returned(code: 312, text: "NO_ROUTE")
            #expect(outcomes == [1: .confirmed, 2: returned, 3: .confirmed, 4: returned, 5: .confirmed, 6: returned])
        }
    }

    @Test func aFullQueueRejects() async throws {
        try await TestBroker.withConnection { connection in
            let (channel, events) = try await connection.openRecordedChannel()
            let arguments: RabbitMQTable = ["x-max-length": 1, "x-overflow": "reject-publish"]
            let queue = try await channel.declareQueue(exclusive: true, arguments: arguments).name
            try await channel.publish(RabbitMQMessage(body: [1]), routingKey: queue)
            channel.publish([.text(1, "a", to: queue), .text(2, "b", to: queue)])
            #expect(try await events.settlements(2).map(\.outcome) == [.rejected, .rejected])
            let error = await #expect(throws: RabbitMQError.self) {
                try await channel.publish(RabbitMQMessage(), routingKey: queue)
            }
            #expect(error?.code == .rejected)
        }
    }

    @Test func aQueueThatConfirmsNothingHoldsUpOthersForAWhileOnly() async throws {
        var configuration = try TestBroker.configuration()
        configuration.publishWindow = .init(messages: 4, bytes: 4_096)
        configuration.confirmTimeout = .milliseconds(400)
        try await TestBroker.withConnection(configuration) { connection in
            let (channel, events) = try await connection.openRecordedChannel()
            let stuck = try await channel.declareQueue(TestBroker.uniqueName("stuck")).name
            let other = try await channel.declareQueue(exclusive: true).name
            try await BrokerScript.shared.evaluate("sys:suspend(amqqueue:get_pid(Q))", of: stuck)
            channel.publish((1...4).map { .text($0, "x", to: stuck, messageID: "\($0)") })
            channel.publish([.text(5, "x", to: other)])
            var outcomes: [UInt64: RabbitMQPublishOutcome] = [:]
            for settlement in try await events.settlements(5) { outcomes[settlement.id] = settlement.outcome }
            let late = RabbitMQPublishOutcome.undecided(RabbitMQError(.unconfirmed, ""))
            #expect((1...4).allSatisfy { outcomes[$0] == late })
            // Behind them for as long as they had, and late itself when they were.
            let unsent = RabbitMQPublishOutcome.undecided(RabbitMQError(.unsent, ""))
            #expect(outcomes[5] == unsent || outcomes[5] == .confirmed)
            try await channel.publish(RabbitMQMessage(), routingKey: other)
            let error = await #expect(throws: RabbitMQError.self) {
                try await channel.publish(RabbitMQMessage(), routingKey: stuck)
            }
            #expect(error?.code == .unconfirmed)
            #expect(error?.message.contains(stuck) == true)
            // Confirms that come after all are no one's.
            try await BrokerScript.shared.evaluate("sys:resume(amqqueue:get_pid(Q))", of: stuck)
            try await channel.publish(RabbitMQMessage(), routingKey: stuck)
            #expect(try await channel.deleteQueue(stuck) == 6)
        }
    }

    @Test func aMissingExchangeLeavesEverythingUndecided() async throws {
        try await TestBroker.withConnection { connection in
            let (channel, events) = try await connection.openRecordedChannel()
            let exchange = TestBroker.uniqueName("missing")
            channel.publish(
                (1...3).map {
                    RabbitMQPublication(id: $0, exchange: exchange, routingKey: "k", message: RabbitMQMessage())
                }
            )
            let error = try await events.closed()
            #expect(error.code == .notFound)
            #expect(error.replyCode == 404)
            #expect(events.settlements.map(\.id) == [1, 2, 3])
            #expect(events.settlements.allSatisfy { $0.outcome == .undecided(error) })
            #expect(!channel.publish([.text(4, "late", to: "q")]))
            #expect(channel.closeReason?.code == .notFound)
        }
    }

    @Test func beyondTheQueueIsRefusedAtOnce() async throws {
        var configuration = try TestBroker.configuration()
        configuration.publishQueue = .init(messages: 10, bytes: 1_000_000)
        try await TestBroker.withConnection(configuration) { connection in
            let (channel, events) = try await connection.openRecordedChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            channel.publish((0..<100).map { .text($0, "x", to: queue, messageID: "\($0)") })
            let settled = try await events.settlements(100)
            let refused = settled.filter { $0.outcome == .undecided(RabbitMQError(.overloaded, "")) }
            #expect(refused.map(\.id) == Array(10..<100))
            #expect(settled.filter { $0.outcome == .confirmed }.map(\.id).sorted() == Array(0..<10))
        }
    }

    @Test func whatCannotBeSentHarmsNothing() async throws {
        try await TestBroker.withConnection { connection in
            let (channel, events) = try await connection.openRecordedChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            var large = RabbitMQPublication.text(1, "", to: queue)
            large.message.body = [UInt8](repeating: 0, count: 1_048_577)
            var wide = RabbitMQPublication.text(2, "", to: queue)
            wide.message.properties.headers = ["k": .bytes([UInt8](repeating: 0, count: 131_000))]
            let long = RabbitMQPublication.text(3, "", to: String(repeating: "q", count: 256))
            channel.publish([large, wide, long, .text(4, "fine", to: queue)])
            let outcomes = Dictionary(uniqueKeysWithValues: try await events.settlements(4).map { ($0.id, $0.outcome) })
            #expect(outcomes[1] == .undecided(RabbitMQError(.tooLarge, "")))
            #expect(outcomes[2] == .undecided(RabbitMQError(.tooLarge, "")))
            #expect(outcomes[3] == .undecided(RabbitMQError(.invalidArgument, "")))
            #expect(outcomes[4] == .confirmed)
        }
    }

    // librabbitmq announces more data after a body that fills its last frame, and the kernel may keep it for 200 ms.
    @Test func aBodyThatFillsItsFramesLeavesAtOnce() async throws {
        try await TestBroker.withConnection { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            let body = [UInt8](repeating: 7, count: 2 * (131_072 - 8))
            var best = Duration.seconds(60)
            for _ in 0..<5 {
                best = try await min(
                    best,
                    ContinuousClock().measure {
                        try await channel.publish(RabbitMQMessage(body: body), routingKey: queue)
                    }
                )
            }
            #expect(best < .milliseconds(190))
            #expect(try await channel.get(queue)?.body == .bytes(body))
        }
    }

    @Test func awaitingOneMessage() async throws {
        try await TestBroker.withConnection { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            try await channel.publish(RabbitMQMessage(body: [1]), routingKey: queue)
            let error = await #expect(throws: RabbitMQError.self) {
                try await channel.publish(RabbitMQMessage(), routingKey: TestBroker.uniqueName("nowhere"))
            }
            #expect(error?.code == .returned)
            #expect(error?.replyCode == 312)
            let plain = try await connection.openChannel(confirms: false)
            let refusal = await #expect(throws: RabbitMQError.self) {
                try await plain.publish(RabbitMQMessage(), routingKey: queue)
            }
            #expect(refusal?.code == .invalidArgument)
            let cancelled = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await channel.publish(RabbitMQMessage(), routingKey: queue)
            }
            let cancellation = await #expect(throws: RabbitMQError.self) { try await cancelled.value }
            #expect(cancellation?.code == .cancelled)
        }
    }

    @Test func withoutConfirmsMessagesArriveUnsettled() async throws {
        try await TestBroker.withConnection { connection in
            let (channel, events) = try await connection.openRecordedChannel(confirms: false)
            let queue = try await channel.declareQueue(exclusive: true).name
            try await channel.consume(queue)
            let nowhere = TestBroker.uniqueName("nowhere")
            channel.publish([.text(1, "one", to: queue), .text(2, "lost", to: nowhere), .text(3, "two", to: queue)])
            #expect(
                try await events.deliveries(2).map(\.body) == [.bytes(Array("one".utf8)), .bytes(Array("two".utf8))]
            )
            #expect(events.settlements.isEmpty)
        }
    }
}
