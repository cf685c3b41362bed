import Testing

@testable import RabbitMQ

/// What a peer may send and what must come of it: an error, never a crash, never a wait.
@Suite struct HostilePeerTests {
    /// Opens a channel with a consumer, lets the peer send `bytes`, and returns how the connection ended.
    func end(after bytes: [UInt8]) async throws -> RabbitMQError {
        let peer = try ScriptedPeer()
        let recorder = ConnectionRecorder()
        let connection = try await RabbitMQConnection.open(peer.configuration) { recorder.record($0) }
        let (channel, _) = try await connection.openRecordedChannel()
        try await channel.consume("q")
        peer.send(bytes)
        let error = try await recorder.closed()
        #expect(connection.closeReason?.code == error.code)
        await connection.close()
        return error
    }

    struct Hostility: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]

        init(_ what: String, _ frames: [UInt8]...) {
            testDescription = what
            bytes = frames.flatMap { frame -> [UInt8] in frame }
        }
    }

    static let hostilities: [Hostility] = [
        Hostility("a frame without its end", WireBytes.frame(1, channel: 1, [0, 60, 0, 60], end: 0)),
        Hostility("an unknown method", WireBytes.method(60, 199, channel: 1)),
        Hostility("a method of another class", WireBytes.method(199, 1, channel: 1)),
        Hostility("a method cut short", WireBytes.frame(1, channel: 1, [0, 60, 0, 60, 200])),
        Hostility("a frame larger than agreed", [1, 0, 1, 0, 2, 0, 1]),
        Hostility("a frame of 4 GB", [1, 0, 1, 255, 255, 255, 255]),
        Hostility("an empty method frame", WireBytes.frame(1, channel: 1, [])),
        Hostility("an empty header frame", WireBytes.frame(2, channel: 1, [])),
        Hostility(
            "a header of another class",
            WireBytes.deliver(channel: 1, tag: 1),
            WireBytes.header(channel: 1, size: 1, classID: 50)
        ),
        Hostility("a header without a method", WireBytes.header(channel: 1, size: 1)),
        Hostility("a body without a header", WireBytes.frame(3, channel: 1, [1, 2, 3])),
        Hostility(
            "a message inside a message",
            WireBytes.deliver(channel: 1, tag: 1),
            WireBytes.deliver(channel: 1, tag: 2)
        ),
        Hostility(
            "more body than announced",
            WireBytes.deliver(channel: 1, tag: 1),
            WireBytes.header(channel: 1, size: 2),
            WireBytes.frame(3, channel: 1, [1, 2, 3])
        ),
        Hostility("an ack of what was never sent", WireBytes.ack(channel: 1, tag: 9)),
        Hostility("an answer that no one asked for", WireBytes.method(50, 31, channel: 1) { $0.long(3) }),
        Hostility("a channel that was never opened", WireBytes.ack(channel: 700, tag: 1)),
        Hostility("a channel's method on channel 0", WireBytes.ack(channel: 0, tag: 1)),
        Hostility(
            "a header's table cut short",
            WireBytes.deliver(channel: 1, tag: 1),
            WireBytes.header(channel: 1, size: 1, headers: [5, 65, 66])
        ),
        Hostility("nonsense", [UInt8](repeating: 0xFF, count: 4_096)),
    ]

    @Test(arguments: hostilities)
    func endsTheConnection(hostility: Hostility) async throws {
        let error = try await end(after: hostility.bytes)
        #expect(error.code == .protocolViolation, "\(error)")
    }

    // librabbitmq decodes tables by recursion: 15,000 levels, 105 KB, ended the process on a thread of 512 KB.
    @Test func aHeaderOfFifteenThousandTablesIsJustAMessage() async throws {
        let peer = try ScriptedPeer()
        let connection = try await RabbitMQConnection.open(peer.configuration)
        let (channel, events) = try await connection.openRecordedChannel()
        try await channel.consume("q")
        for levels in [1, RabbitMQFieldValue.maximumDepth, RabbitMQFieldValue.maximumDepth + 1, 15_000, 18_000] {
            peer.send(WireBytes.deliver(channel: 1, tag: 1))
            peer.send(WireBytes.header(channel: 1, size: 0, headers: WireBytes.nestedTables(levels)))
        }
        let depths = try await events.deliveries(5).map { delivery in
            var depth = 1
            var table = delivery.properties.headers
            while case .table(let inner)? = table["k"] {
                depth += 1
                table = inner
            }
            return (depth, table["k"])
        }
        // The innermost of the real ones is an empty table; what was cut off is null.
        #expect(depths.map(\.0) == [2, 32, 32, 32, 32])
        #expect(depths.map { $0.1 == nil } == [true, false, false, false, false])
        await connection.close()
    }

    @Test func textThatIsNotUTF8IsKept() async throws {
        let peer = try ScriptedPeer()
        let connection = try await RabbitMQConnection.open(peer.configuration)
        let (channel, events) = try await connection.openRecordedChannel()
        try await channel.consume("q")
        let headers = WireBytes {
            $0.shortText("s")
            $0.octet(UInt8(ascii: "S"))
            $0.long(2)
            $0.bytes += [0xC3, 0x28]
        }.bytes
        peer.send(WireBytes.deliver(channel: 1, tag: 1) + WireBytes.header(channel: 1, size: 0, headers: headers))
        #expect(try await events.deliveries(1)[0].properties.headers == ["s": .bytes([0xC3, 0x28])])
        await connection.close()
    }

    @Test func framesOfTwoChannelsMayInterleave() async throws {
        let peer = try ScriptedPeer()
        let connection = try await RabbitMQConnection.open(peer.configuration)
        let (one, first) = try await connection.openRecordedChannel()
        let (two, second) = try await connection.openRecordedChannel()
        try await one.consume("q")
        try await two.consume("q")
        peer.send(WireBytes.deliver(channel: 1, tag: 1) + WireBytes.deliver(channel: 2, tag: 1))
        peer.send(WireBytes.header(channel: 2, size: 4) + WireBytes.header(channel: 1, size: 4))
        peer.send(WireBytes.frame(3, channel: 1, [1, 2]) + WireBytes.frame(3, channel: 2, [5, 6]))
        peer.send(WireBytes.frame(3, channel: 2, [7, 8]) + WireBytes.frame(3, channel: 1, [3, 4]))
        #expect(try await first.deliveries(1)[0].body == .bytes([1, 2, 3, 4]))
        #expect(try await second.deliveries(1)[0].body == .bytes([5, 6, 7, 8]))
        await connection.close()
    }
}
