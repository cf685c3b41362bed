import Testing

@testable import RabbitMQ

/// What a broker does to its clients when it is frozen, starved or killed, and over TLS. One broker for all.
@Suite(.serialized, .ownedBroker, .timeLimit(.minutes(2))) struct OwnedBrokerTests {
    let broker: OwnedBroker

    init() throws { broker = try #require(OwnedBroker.current) }

    // MARK: TLS

    func tlsConfiguration(ca: String?) throws -> RabbitMQConnectionConfiguration {
        var configuration = try RabbitMQConnectionConfiguration(url: broker.tlsURL)
        configuration.tls?.caCertificateFile = ca
        return configuration
    }

    func tlsConfiguration() throws -> RabbitMQConnectionConfiguration { try tlsConfiguration(ca: broker.caFile) }

    @Test func tlsWithTheRightAuthority() async throws {
        try await TestBroker.withConnection(try tlsConfiguration()) { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            let body = (0..<1_048_576).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            for _ in 0..<5 { try await channel.publish(RabbitMQMessage(body: body), routingKey: queue) }
            for _ in 0..<5 { #expect(try await channel.get(queue, noAck: true)?.body == .bytes(body)) }
        }
    }

    @Test func tlsWithAnotherAuthority() async throws {
        let configuration = try tlsConfiguration(ca: nil)
        let error = await #expect(throws: RabbitMQError.self) { try await RabbitMQConnection.open(configuration) }
        #expect(error?.code == .tls)
        #expect(error?.message.contains("not signed by an authority") == true)
        let missing = try tlsConfiguration(ca: "/nowhere/ca.pem")
        let noFile = await #expect(throws: RabbitMQError.self) { try await RabbitMQConnection.open(missing) }
        #expect(noFile?.code == .tls)
        #expect(noFile?.message.contains("/nowhere/ca.pem") == true)
    }

    @Test func tlsWithAnotherHostName() async throws {
        var configuration = try tlsConfiguration()
        configuration.host = "127.0.0.1"
        let error = await #expect(throws: RabbitMQError.self) { try await RabbitMQConnection.open(configuration) }
        #expect(error?.code == .tls)
        #expect(error?.message.contains("127.0.0.1") == true)
        configuration.tls?.verifiesPeer = false
        try await TestBroker.withConnection(configuration) { _ in }
    }

    /// librabbitmq gave all the time to the first address, and checked the certificate for what it was told to connect to.
    @Test func tlsWithAHostOfSeveralAddresses() async throws {
        var configuration = try tlsConfiguration()
        let hole = try BlackHole(address: "127.0.0.2", port: configuration.port)
        configuration.addresses = ["127.0.0.2", "127.0.0.1"]
        configuration.choice.leave("127.0.0.1:\(configuration.port)")
        configuration.connectTimeout = .seconds(4)
        let start = ContinuousClock.now
        try await TestBroker.withConnection(configuration) { #expect($0.broker.port == hole.port) }
        #expect((.seconds(2) ... .seconds(5)).contains(ContinuousClock.now - start))
        // It is not tried again before the other is lost.
        let second = ContinuousClock.now
        try await TestBroker.withConnection(configuration) { _ in }
        #expect(ContinuousClock.now - second < .seconds(2))
    }

    @Test func tlsAgainstAPlainPort() async throws {
        var configuration = try tlsConfiguration()
        configuration.port = try RabbitMQConnectionConfiguration(url: broker.url).port
        configuration.connectTimeout = .seconds(2)
        let error = await #expect(throws: RabbitMQError.self) { try await RabbitMQConnection.open(configuration) }
        #expect([.tls, .timedOut].contains(error?.code))
    }

    // MARK: Alarms

    // A blocked connection answers nothing: a declare once waited for as long as the alarm lasted, and a publish blocked
    // its thread, acks and heartbeats included.
    @Test func aMemoryAlarmDelaysAndLosesNothing() async throws {
        let recorder = ConnectionRecorder()
        let configuration = try broker.configuration()
        try await TestBroker.withConnection(configuration, recorder: recorder) { publisher in
            let (channel, events) = try await publisher.openRecordedChannel()
            let queue = try await channel.declareQueue("alarmed").name
            try await channel.publish(RabbitMQMessage(body: [0]), routingKey: queue)
            try await broker.limitMemory(to: "10MB")
            channel.publish(
                (1...300).map { id in
                    RabbitMQPublication(
                        id: id,
                        routingKey: queue,
                        message: RabbitMQMessage(
                            properties: RabbitMQProperties(messageID: "\(id)"),
                            body: [UInt8](repeating: 1, count: 10_000)
                        )
                    )
                }
            )
            let reason = try await recorder.wait("block") { events -> String? in
                for case .blocked(let reason) in events { return reason }
                return nil
            }
            #expect(reason.contains("memory"))
            let start = ContinuousClock.now
            let error = await #expect(throws: RabbitMQError.self) { try await channel.declareQueue("other") }
            #expect(error?.code == .blocked)
            #expect(error?.isRetriable == true)
            #expect(ContinuousClock.now - start < .seconds(1))

            // Others still consume and acknowledge.
            try await TestBroker.withConnection(configuration) { other in
                let (consumer, deliveries) = try await other.openRecordedChannel()
                try await consumer.consume(queue)
                consumer.ack(try await deliveries.deliveries(1)[0].tag)
            }

            // Another blocked connection closes without waiting for the end of the alarm.
            let blocked = ConnectionRecorder()
            let impatient = try await RabbitMQConnection.open(configuration) { blocked.record($0) }
            let (hasty, undecided) = try await impatient.openRecordedChannel()
            hasty.publish([.text(9, "x", to: queue)])
            _ = try await blocked.wait("block") { events -> Bool? in events.isEmpty ? nil : true }
            let closing = ContinuousClock.now
            await impatient.close()
            #expect(ContinuousClock.now - closing < .seconds(3))
            #expect(undecided.settlements.map(\.outcome) == [.undecided(RabbitMQError(.closed, ""))])

            #expect(events.settlements.isEmpty)
            try await broker.limitMemory(to: "1GB")
            let settled = try await events.settlements(300, within: .seconds(20))
            #expect(settled.allSatisfy { $0.outcome == .confirmed })
            #expect(recorder.events.contains { if case .unblocked = $0 { true } else { false } })
            try await channel.deleteQueue(queue)
        }
    }

    // MARK: A frozen broker

    @Test func aFrozenBrokerIsNoticedWithinThreeHeartbeats() async throws {
        let idle = ConnectionRecorder()
        let busy = ConnectionRecorder()
        let configuration = try broker.configuration()
        let idler = try await RabbitMQConnection.open(configuration) { idle.record($0) }
        let publisher = try await RabbitMQConnection.open(configuration) { busy.record($0) }
        let (channel, events) = try await publisher.openRecordedChannel()
        let queue = try await channel.declareQueue("frozen").name
        try await channel.publish(RabbitMQMessage(body: [0]), routingKey: queue)
        try await broker.withFrozen {
            let start = ContinuousClock.now
            channel.publish(
                (1...500).map { id in
                    RabbitMQPublication(
                        id: id,
                        routingKey: queue,
                        message: RabbitMQMessage(body: [UInt8](repeating: 1, count: 100_000))
                    )
                }
            )
            let errors = [try await idle.closed(within: .seconds(8)), try await busy.closed(within: .seconds(8))]
            // Three heartbeats of a second, and what a busy machine adds.
            #expect(ContinuousClock.now - start < .seconds(4.5))
            for error in errors {
                #expect([.heartbeatTimeout, .stalled].contains(error.code))
                #expect(error.isRetriable)
            }
            #expect(events.settlements.count == 500)
            #expect(Set(events.settlements.map(\.id)).count == 500)
            await idler.close()
            await publisher.close()
        }
    }

    // MARK: A killed broker

    @Test func theSupervisorComesBackAfterTheBroker() async throws {
        let states = Recorder<RabbitMQConnectionSupervisor.State>()
        let deliveries = ChannelRecorder()
        let channels = Recorder<RabbitMQChannel>()
        let supervisor = RabbitMQConnectionSupervisor(
            try broker.configuration(),
            backoff: RabbitMQBackoff(base: .milliseconds(50), cap: .milliseconds(500)),
            onState: { states.record($0) }
        )
        let running = Task {
            try await supervisor.run { connection in
                let channel = try await connection.openChannel { deliveries.record($0) }
                // Gone with the broker's restart, unless it is declared again.
                try await channel.declareQueue("volatile", durable: false, arguments: ["x-queue-type": "classic"])
                try await channel.consume("volatile", noAck: true)
                channels.record(channel)
                try await Task.sleep(for: .seconds(3_600))
            }
        }
        func connected(_ count: Int) async throws -> RabbitMQChannel {
            try await channels.wait("channel \(count)", within: .seconds(40)) { $0.count >= count ? $0.last : nil }
        }
        try await connected(1).publish(RabbitMQMessage(body: [1]), routingKey: "volatile")
        _ = try await deliveries.deliveries(1)
        try await broker.kill()
        _ = try await states.wait("failed attempt") { states -> Bool? in
            for case .connecting(let attempt, let error?) in states where attempt > 2 {
                return (error as? RabbitMQError)?.isRetriable
            }
            return nil
        }
        try await broker.startAgain()
        try await connected(2).publish(RabbitMQMessage(body: [2]), routingKey: "volatile")
        #expect(try await deliveries.deliveries(2).map(\.body) == [.bytes([1]), .bytes([2])])
        running.cancel()
        try await running.value
        guard case .stopped = supervisor.state else {
            Issue.record("The supervisor is \(supervisor.state).")
            return
        }
        #expect(channels.events.allSatisfy { $0.closeReason != nil })
    }
}
