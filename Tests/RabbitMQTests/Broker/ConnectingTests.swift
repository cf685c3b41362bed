import Testing

@testable import RabbitMQ

/// Beginnings and ends of connections, on a real broker.
@Suite(.timeLimit(.minutes(1))) struct ConnectingTests {
    @Test func wrongPassword() async throws {
        var configuration = try TestBroker.configuration()
        configuration.password = "hunter2"
        let error = await #expect(throws: RabbitMQError.self) { try await RabbitMQConnection.open(configuration) }
        #expect(error?.code == .authentication)
        #expect(error?.replyCode == 403)
        #expect(error?.isRetriable == false)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func wrongVirtualHost() async throws {
        var configuration = try TestBroker.configuration()
        configuration.virtualHost = "no-such-host"
        let error = await #expect(throws: RabbitMQError.self) { try await RabbitMQConnection.open(configuration) }
        #expect(error?.code == .notFound)
        #expect(error?.message.contains("no-such-host") == true)
    }

    @Test func closingTellsEverybodyOnceAndLast() async throws {
        let recorder = ConnectionRecorder()
        let connection = try await RabbitMQConnection.open(try TestBroker.configuration()) { recorder.record($0) }
        let (channel, events) = try await connection.openRecordedChannel()
        let queue = try await channel.declareQueue(exclusive: true).name
        channel.publish([.text(1, "x", to: queue)])
        await connection.close()
        await connection.close()
        #expect(connection.closeReason?.code == .closed)
        #expect(try await recorder.closed().code == .closed)
        #expect(recorder.events.count == 1)
        #expect(try await events.closed().code == .closed)
        #expect(events.settlements.count == 1)
        #expect(events.events.count == 2)
        let late = await #expect(throws: RabbitMQError.self) { try await connection.openChannel() }
        #expect(late?.code == .closed)
        #expect(!channel.publish([.text(2, "x", to: queue)]))
        channel.ack(1)
        await channel.close()
    }

    @Test func closingSendsWhatIsQueued() async throws {
        let queue = TestBroker.uniqueName("drained")
        try await TestBroker.withConnection { connection in
            try await connection.openChannel().declareQueue(queue)
            try await TestBroker.withConnection { sender in
                let channel = try await sender.openChannel(confirms: false)
                channel.publish((0..<1_000).map { .text($0, "x", to: queue, mandatory: false) })
            }
            #expect(try await connection.openChannel().deleteQueue(queue) == 1_000)
        }
    }

    @Test func theLastReferenceClosesTheConnection() async throws {
        let recorder = ConnectionRecorder()
        var channel: RabbitMQChannel? = try await RabbitMQConnection.open(try TestBroker.configuration()) {
            recorder.record($0)
        }
        .openChannel()
        try await channel?.setPrefetch(1)
        #expect(recorder.events.isEmpty)
        channel = nil
        #expect(try await recorder.closed().code == .closed)
    }

    @Test func theBrokerMayCloseEverything() async throws {
        let recorder = ConnectionRecorder()
        let connection = try await RabbitMQConnection.open(try TestBroker.configuration()) { recorder.record($0) }
        let (channel, events) = try await connection.openRecordedChannel()
        let error = try await TestBroker.loseConnection(over: channel)
        #expect(error?.code == .notAllowed)
        #expect(error?.replyCode == 540)
        #expect(try await recorder.closed().replyCode == 540)
        #expect(try await events.closed().replyCode == 540)
    }
}
