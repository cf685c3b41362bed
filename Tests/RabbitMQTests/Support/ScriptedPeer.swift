import Foundation
import Glibc
import RabbitMQ
import RepriseTestSupport
import Synchronization

/// A TCP server that behaves like a broker until it does what a test wants of it.
///
/// Serves one connection on a thread of its own. Frames that the script does not handle are answered as RabbitMQ would.
final class ScriptedPeer: Sendable {
    struct Frame: Sendable {
        var type: UInt8
        var channel: UInt16
        var payload: [UInt8]

        /// Class and method of a method frame, else nothing.
        var method: [UInt16] {
            guard type == 1, payload.count >= 4 else { return [] }
            return [UInt16(payload[0]) << 8 | UInt16(payload[1]), UInt16(payload[2]) << 8 | UInt16(payload[3])]
        }
    }

    /// Returns what to answer, or `nil` for what a broker would.
    typealias Script = @Sendable (Frame) -> [UInt8]?

    var port: Int { listener.port }
    private let listener: LoopbackListener
    private let client = Mutex<Int32>(-1)

    /// - Parameters:
    ///   - heartbeat: what the peer proposes, in seconds; it sends one itself every half of that if `isAlive`.
    ///   - receiveBuffer: of the socket, to fill it quickly.
    init(heartbeat: UInt16 = 0, receiveBuffer: Int32? = nil, script: @escaping Script = { _ in nil }) throws {
        listener = try LoopbackListener(backlog: 1, receiveBuffer: receiveBuffer)
        let listener = listener.descriptor
        start { [self] in
            let descriptor = accept(listener, nil, nil)
            client.withLock { $0 = descriptor }
            serve(descriptor, heartbeat: heartbeat, script: script)
        }
    }

    /// A peer that sends `greeting` to every client, and nothing else.
    init(greeting: [UInt8]) throws {
        listener = try LoopbackListener(backlog: 1)
        let listener = listener.descriptor
        start { [self] in
            let descriptor = accept(listener, nil, nil)
            client.withLock { $0 = descriptor }
            send(greeting)
        }
    }

    deinit {
        listener.close()
        let descriptor = client.withLock { $0 }
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    var configuration: RabbitMQConnectionConfiguration {
        var configuration = RabbitMQConnectionConfiguration(host: "127.0.0.1", port: port)
        configuration.connectTimeout = .seconds(2)
        configuration.rpcTimeout = .seconds(5)
        return configuration
    }

    /// Ends the connection from its side, after everything that was sent.
    func hangUp() { _ = client.withLock { shutdown($0, Int32(SHUT_WR)) } }

    func send(_ bytes: [UInt8]) {
        let descriptor = client.withLock { $0 }
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            sent += count
        }
    }

    private func start(_ body: @escaping @Sendable () -> Void) { Thread.detachNewThread(body) }

    private func serve(_ descriptor: Int32, heartbeat: UInt16, script: Script) {
        guard read(descriptor, 8) != nil else { return }
        send(
            WireBytes.method(10, 10, channel: 0) {
                $0.octet(0)
                $0.octet(9)
                $0.table()
                $0.longText("PLAIN")
                $0.longText("en_US")
            }
        )
        while let head = read(descriptor, 7) {
            let size = Int(head[3]) << 24 | Int(head[4]) << 16 | Int(head[5]) << 8 | Int(head[6])
            guard let rest = read(descriptor, size + 1) else { return }
            let frame = Frame(type: head[0], channel: UInt16(head[1]) << 8 | UInt16(head[2]), payload: rest.dropLast())
            send(script(frame) ?? Self.answer(frame, heartbeat: heartbeat))
        }
    }

    private static func answer(_ frame: Frame, heartbeat: UInt16) -> [UInt8] {
        switch frame.method {
        case [10, 11]:  // start-ok → tune
            WireBytes.method(10, 30, channel: 0) {
                $0.short(2_047)
                $0.long(131_072)
                $0.short(heartbeat)
            }
        case [10, 40]: WireBytes.method(10, 41, channel: 0) { $0.shortText("") }
        case [10, 50]: WireBytes.method(10, 51, channel: 0)
        case [20, 10]: WireBytes.method(20, 11, channel: frame.channel) { $0.long(0) }
        case [20, 40]: WireBytes.method(20, 41, channel: frame.channel)
        case [60, 10]: WireBytes.method(60, 11, channel: frame.channel)
        case [60, 20]: WireBytes.method(60, 21, channel: frame.channel) { $0.shortText("c") }
        case [85, 10]: WireBytes.method(85, 11, channel: frame.channel)
        default: []
        }
    }

    private func read(_ descriptor: Int32, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let taken = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress! + filled, count - filled, 0) }
            if taken <= 0 { return nil }
            filled += taken
        }
        return bytes
    }
}
