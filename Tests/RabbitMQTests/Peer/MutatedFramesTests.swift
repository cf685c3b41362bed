import RepriseTestSupport
import Testing

@testable import RabbitMQ

/// Valid frames with a few bytes changed: whatever comes of them, the process lives and the connection ends.
@Suite struct MutatedFramesTests {
    static let valid: [UInt8] = {
        let headers = WireBytes { table in
            for (kind, size) in [
                ("t", 1), ("b", 1), ("s", 2), ("I", 4), ("l", 8), ("d", 8), ("D", 5), ("T", 8), ("V", 0),
            ] {
                table.shortText("key-\(kind)")
                table.octet(kind.utf8.first ?? 0)
                table.bytes += [UInt8](repeating: 1, count: size)
            }
            for kind in ["S", "x"] {
                table.shortText("text")
                table.octet(kind.utf8.first ?? 0)
                table.longText("value")
            }
            table.shortText("array")
            table.octet(UInt8(ascii: "A"))
            table.table([UInt8(ascii: "t"), 1, UInt8(ascii: "V")])
            table.bytes += WireBytes.nestedTables(5)
        }.bytes
        let message = WireBytes.deliver(channel: 1, tag: 1) + WireBytes.header(channel: 1, size: 6, headers: headers)
        let body = WireBytes.frame(3, channel: 1, [1, 2, 3]) + WireBytes.frame(3, channel: 1, [4, 5, 6])
        let returned = WireBytes.method(60, 50, channel: 1) {
            $0.short(312)
            $0.shortText("NO_ROUTE")
            $0.shortText("x")
            $0.shortText("k")
        }
        return message + body + WireBytes.ack(channel: 1, tag: 1, multiple: true) + returned
            + WireBytes.header(channel: 1, size: 0)
    }()

    @Test(arguments: 0..<300 as Range<UInt64>)
    func neverEndTheProcess(seed: UInt64) async throws {
        var generator = SeededRandom(seed: seed)
        var bytes = Self.valid + Self.valid
        for _ in 0..<Int.random(in: 1...8, using: &generator) {
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            bytes[index] = Bool.random(using: &generator) ? UInt8.random(in: .min ... .max, using: &generator) : 0xFF
        }
        let peer = try ScriptedPeer()
        let recorder = ConnectionRecorder()
        let connection = try await RabbitMQConnection.open(peer.configuration) { recorder.record($0) }
        let channel = try await connection.openChannel()
        try await channel.consume("q")
        channel.publish([.text(1, "x", to: "q", messageID: "m")])
        peer.send(bytes)
        peer.hangUp()
        let error = try await recorder.closed()
        #expect(
            [.protocolViolation, .connectionLost, .closed].contains(error.code) || error.replyCode != nil,
            "\(error)"
        )
        await connection.close()
    }
}
