import Foundation
import RepriseTestSupport
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Stands between a program and the broker, and cuts its connections when told to.
///
/// One that garbles makes bytes that are no UTF-8, as no `String` can hold them, of every long run of ``placeholder``.
final class Relay: Sendable {
    struct Failed: Error { let what: String }

    var port: Int { listener.port }
    private let listener: LoopbackListener
    private let upstream: Int
    private let garbles: Bool
    private let sockets = Mutex<[Int32]>([])

    static let placeholder: Unicode.Scalar = "\u{7F}"

    init(to upstream: Int, garbles: Bool = false) throws {
        self.upstream = upstream
        self.garbles = garbles
        listener = try LoopbackListener()
        listener.acceptEach { [self] client in accept(client) }
    }

    /// Breaks every connection there is; new ones are let through.
    func cut() {
        for socket in sockets.withLock({ $0 }) { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    var connections: Int { sockets.withLock { $0.count / 2 } }

    func close() {
        listener.stop()
        cut()
    }

    private func accept(_ client: Int32) {
        guard let server = try? Self.connect(port: upstream) else {
            Glibc.close(client)
            return
        }
        sockets.withLock { $0 += [client, server] }
        for (from, to) in [(client, server), (server, client)] {
            Thread.detachNewThread { [self] in pump(from, to) }
        }
    }

    /// The descriptors stay open until the process ends: one that is used again would be cut for another.
    private func pump(_ from: Int32, _ to: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(from, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            if garbles { Self.garble(&buffer[..<count]) }
            var sent = 0
            while sent < count {
                let written = buffer.withUnsafeBytes {
                    send(to, $0.baseAddress! + sent, count - sent, Int32(MSG_NOSIGNAL))
                }
                guard written > 0 else { break }
                sent += written
            }
            if sent < count { break }
        }
        shutdown(from, Int32(SHUT_RDWR))
        shutdown(to, Int32(SHUT_RDWR))
        sockets.withLock { $0.removeAll { $0 == from } }
    }

    private static func garble(_ bytes: inout ArraySlice<UInt8>) {
        var run = bytes.startIndex
        for index in bytes.indices {
            guard bytes[index] == UInt8(ascii: placeholder) else {
                run = index + 1
                continue
            }
            guard index + 1 == bytes.endIndex || bytes[index + 1] != UInt8(ascii: placeholder) else { continue }
            if index - run >= 32 { for position in run...index { bytes[position] = 0xFF } }
        }
    }

    private static func connect(port: Int) throws -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw Failed(what: "socket") }
        var address = LoopbackListener.address(port: port)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else { throw Failed(what: "connect") }
        return socket
    }
}
