import Foundation
import Synchronization
import Testing

/// Listens on a port of its own, answers every request with the same head, and pours bytes after it.
final class OversizedServer: Sendable {
    let port: Int
    private let listener: Int32
    private let count = Atomic<Int>(0)
    private let heard = Mutex("")

    /// - Parameter bytes: how many follow the head before the connection ends; nil: as many as are taken.
    convenience init(_ head: String, bytes: Int?, overIPv6: Bool = false) throws {
        try self.init(head: Array(head.utf8), bytes: bytes, overIPv6: overIPv6)
    }

    /// Whether a socket can listen at ::1.
    static var hasIPv6: Bool { (try? OversizedServer("", bytes: 0, overIPv6: true)) != nil }

    init(head: [UInt8], bytes: Int?, overIPv6: Bool = false) throws {
        let listener = socket(overIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let bound = overIPv6 ? Self.listen(listener, Self.loopback6) : Self.listen(listener, Self.loopback4)
        guard let bound else {
            close(listener)
            throw POSIXError(.EADDRNOTAVAIL)
        }
        self.listener = listener
        port = bound
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { break }
                if let self { self.serve(connection, head, bytes) } else { close(connection) }
            }
            // Not before: the next listener may have the same number, and this thread took its connections.
            close(listener)
        }
    }

    private static var loopback4: sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static var loopback6: sockaddr_in6 {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_addr = in6addr_loopback
        return address
    }

    /// The port that it listens at; nil when the machine has no such address. Both kinds have it in bytes two and three.
    private static func listen<Address>(_ listener: Int32, _ address: Address) -> Int? {
        var address = address
        var length = socklen_t(MemoryLayout<Address>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard bind(listener, address, length) == 0, Glibc.listen(listener, 64) == 0,
                    getsockname(listener, address, &length) == 0
                else { return nil }
                return Int(UnsafeRawBufferPointer(start: address, count: 4)[2]) << 8
                    | Int(UnsafeRawBufferPointer(start: address, count: 4)[3])
            }
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    /// What was sent to it, as it came.
    var requests: String { heard.withLock { $0 } }

    /// The bytes that somebody has taken.
    var poured: Int { count.load(ordering: .relaxed) }

    private func serve(_ connection: Int32, _ head: [UInt8], _ bytes: Int?) {
        defer { close(connection) }
        var request = [UInt8](repeating: 0, count: 65_536)
        let received = recv(connection, &request, request.count, 0)
        guard received > 0 else { return }
        heard.withLock { $0 += String(decoding: request.prefix(received), as: UTF8.self) }
        _ = write(head, to: connection)
        let drops = [UInt8](repeating: UInt8(ascii: "x"), count: 65_536)
        var left = bytes ?? .max
        while left > 0 {
            let sent = write(Array(drops.prefix(left)), to: connection)
            guard sent > 0 else { return }
            left -= sent
            // As a network: what comes without any pause leaves no room for giving up.
            if bytes == nil { usleep(1_000) }
            count.add(sent, ordering: .relaxed)
        }
    }

    private func write(_ bytes: [UInt8], to connection: Int32) -> Int {
        send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
