import Glibc
import Testing

@testable import RabbitMQ

/// Peers that are there and do not answer: every wait has an end.
@Suite struct SilentPeerTests {
    func openError(_ configuration: RabbitMQConnectionConfiguration) async -> RabbitMQError? {
        await #expect(throws: RabbitMQError.self) { try await RabbitMQConnection.open(configuration) }
    }

    @Test func acceptsAndSaysNothing() async throws {
        let peer = try ScriptedPeer(greeting: [])
        var configuration = peer.configuration
        configuration.connectTimeout = .milliseconds(300)
        let start = ContinuousClock.now
        #expect(await openError(configuration)?.code == .timedOut)
        #expect(ContinuousClock.now - start < .seconds(2))
    }

    @Test(arguments: [
        "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "AMQP\u{0}\u{1}\u{0}\u{0}",
        "SSH-2.0-OpenSSH_9.2p1\r\n",
    ])
    func answersNonsense(greeting: String) async throws {
        let peer = try ScriptedPeer(greeting: Array(greeting.utf8))
        let error = await openError(peer.configuration)
        #expect([.protocolViolation, .timedOut].contains(error?.code), "\(String(describing: error))")
    }

    @Test func nobodyListens() async throws {
        let error = await openError(RabbitMQConnectionConfiguration(host: "127.0.0.1", port: 1))
        #expect(error?.code == .refused)
        #expect(error?.isRetriable == true)
        #expect(error?.message.contains("127.0.0.1:1") == true)
    }

    /// The first of a host's addresses swallows packets: it had all the time there was, and the others were never tried.
    @Test(arguments: [true, false]) func theFirstAddressSwallowsPackets(isFirst: Bool) async throws {
        let peer = try ScriptedPeer()
        var configuration = peer.configuration
        let hole = try BlackHole(address: "127.0.0.2", port: configuration.port)
        configuration.addresses = ["127.0.0.2", configuration.host]
        configuration.choice.leave("\(isFirst ? configuration.host : "127.0.0.2"):\(configuration.port)")
        configuration.connectTimeout = .seconds(3)
        let start = ContinuousClock.now
        let connection = try await RabbitMQConnection.open(configuration)
        #expect(ContinuousClock.now - start < .seconds(1))
        await connection.close()
        configuration.addresses = ["127.0.0.2"]
        configuration.connectTimeout = .milliseconds(300)
        #expect(await openError(configuration)?.code == .timedOut, "the hole swallows nothing: \(hole.port)")
    }

    /// An address at which no one listens costs the next one nothing.
    @Test func theFirstAddressRefuses() async throws {
        let peer = try ScriptedPeer()
        var configuration = peer.configuration
        configuration.addresses = ["127.0.0.3", "no-such-host.invalid", configuration.host]
        let connection = try await RabbitMQConnection.open(configuration)
        await connection.close()
    }

    @Test func theHostDoesNotExist() async throws {
        #expect(await openError(RabbitMQConnectionConfiguration(host: "no-such-host.invalid"))?.code == .refused)
    }

    @Test func callsTimeOutWithoutDelayingOtherChannels() async throws {
        // Never answers queue.purge; everything else.
        let peer = try ScriptedPeer()
        var configuration = peer.configuration
        configuration.rpcTimeout = .seconds(5)
        let connection = try await RabbitMQConnection.open(configuration)
        let slow = try await connection.openChannel()
        let quick = try await connection.openChannel()
        async let purge: Void = {
            let error = await #expect(throws: RabbitMQError.self) { try await slow.purgeQueue("q") }
            #expect(error?.code == .timedOut)
            #expect(error?.message.contains("purging the queue 'q'") == true)
        }()
        let start = ContinuousClock.now
        for _ in 0..<20 { try await quick.setPrefetch(5) }
        #expect(ContinuousClock.now - start < .seconds(4))
        await purge
        #expect(slow.closeReason == nil)
        await connection.close()
    }

    // A consumer that came into being after its caller had given up once received messages that no one acknowledged.
    @Test func aConsumerThatComesTooLateIsCancelled() async throws {
        let consumeOK = WireBytes.method(60, 21, channel: 1) { $0.shortText("late") }
        let (seen, feed) = AsyncStream.makeStream(of: [UInt16].self)
        let peer = try ScriptedPeer { frame in
            feed.yield(frame.method)
            return frame.method == [60, 20] ? [] : nil
        }
        var configuration = peer.configuration
        configuration.rpcTimeout = .milliseconds(200)
        let connection = try await RabbitMQConnection.open(configuration)
        let (channel, events) = try await connection.openRecordedChannel()
        let error = await #expect(throws: RabbitMQError.self) { try await channel.consume("q") }
        #expect(error?.code == .timedOut)
        peer.send(
            consumeOK + WireBytes.deliver(channel: 1, tag: 1, consumer: "late") + WireBytes.header(channel: 1, size: 0)
        )
        var cancelled = false
        var requeued = false
        for await method in seen {
            if method == [60, 30] { cancelled = true }
            if method == [60, 120] { requeued = true }
            if cancelled, requeued { break }
        }
        #expect(events.deliveries.isEmpty)
        await connection.close()
    }

    @Test func closingASilentPeerIsBounded() async throws {
        // Answers everything but connection.close and channel.close.
        let peer = try ScriptedPeer { [[10, 50], [20, 40]].contains($0.method) ? [] : nil }
        var configuration = peer.configuration
        configuration.rpcTimeout = .milliseconds(300)
        let recorder = ConnectionRecorder()
        let connection = try await RabbitMQConnection.open(configuration) { recorder.record($0) }
        let (channel, events) = try await connection.openRecordedChannel()
        let start = ContinuousClock.now
        await channel.close()
        await connection.close()
        #expect(ContinuousClock.now - start < .seconds(3.5))
        #expect(try await recorder.closed().code == .closed)
        #expect(try await events.closed().code == .closed)
        #expect(events.events.count == 1)
    }

    // Both sides may close a channel at once; its number once stayed taken, or was used while the peer still meant the
    // old channel.
    @Test func bothSidesCloseAChannelAtOnce() async throws {
        let peer = try ScriptedPeer { frame in
            guard frame.method == [20, 40] else { return nil }
            let close = WireBytes.method(20, 40, channel: frame.channel) {
                $0.short(406)
                $0.shortText("PRECONDITION_FAILED")
                $0.long(0)
            }
            return close + WireBytes.method(20, 41, channel: frame.channel)
        }
        let connection = try await RabbitMQConnection.open(peer.configuration)
        for _ in 0..<3 {
            let (channel, events) = try await connection.openRecordedChannel()
            await channel.close()
            #expect(try await events.closed().code == .closed)
            #expect(events.events.count == 1)
        }
        #expect(connection.closeReason == nil)
        await connection.close()
    }

    @Test func silenceForTwoHeartbeatsEndsTheConnection() async throws {
        let peer = try ScriptedPeer(heartbeat: 1)
        let recorder = ConnectionRecorder()
        let start = ContinuousClock.now
        let connection = try await RabbitMQConnection.open(peer.configuration) { recorder.record($0) }
        let error = try await recorder.closed(within: .seconds(6))
        #expect(error.code == .heartbeatTimeout)
        #expect(error.isRetriable)
        #expect(ContinuousClock.now - start < .seconds(4))
        await connection.close()
    }

    // librabbitmq issue 780: a write into a full socket waits forever when heartbeats still arrive.
    @Test func aWriteThatMakesNoProgressIsBrokenOff() async throws {
        let peer = try ScriptedPeer(heartbeat: 1, receiveBuffer: 4_096) { frame in
            if frame.method == [60, 40] {
                // Reads nothing more, until the process ends.
                pause()
            }
            return nil
        }
        var configuration = peer.configuration
        configuration.maximumBodySize = 64 * 1_048_576
        let recorder = ConnectionRecorder()
        let connection = try await RabbitMQConnection.open(configuration) { recorder.record($0) }
        let (channel, events) = try await connection.openRecordedChannel()
        let heartbeats = Task {
            while !Task.isCancelled {
                peer.send(WireBytes.frame(8, channel: 0, []))
                try await Task.sleep(for: .milliseconds(300))
            }
        }
        let start = ContinuousClock.now
        let body = [UInt8](repeating: 0, count: 32 * 1_048_576)
        channel.publish([RabbitMQPublication(id: 7, routingKey: "q", message: RabbitMQMessage(body: body))])
        let error = try await recorder.closed(within: .seconds(8))
        #expect(error.code == .stalled)
        #expect(ContinuousClock.now - start < .seconds(3.5))
        #expect(events.settlements == [RabbitMQSettlement(id: 7, outcome: .undecided(error))])
        heartbeats.cancel()
        await connection.close()
    }
}

/// An address that swallows packets: its queue of connections is full, and no one takes any out.
final class BlackHole: Sendable {
    let port: Int
    private let descriptors: [Int32]

    init(address text: String, port: Int) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, text, &address.sin_addr)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        func with(_ call: (UnsafePointer<sockaddr>) -> Int32) -> Int32 {
            withUnsafePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1, call) }
        }
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let isBound = with { bind(listener, $0, length) } == 0
        try #require(isBound && listen(listener, 0) == 0)
        var descriptors = [listener]
        for _ in 0..<4 {
            let guest = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            _ = with { connect(guest, $0, length) }
            descriptors.append(guest)
        }
        self.port = port
        self.descriptors = descriptors
    }

    deinit { for descriptor in descriptors { close(descriptor) } }
}
