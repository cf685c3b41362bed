package import Foundation
import Glibc

/// A socket that listens at this machine's own address, on a port of its own.
package struct LoopbackListener: Sendable {
    package let descriptor: Int32
    package let port: Int

    /// - Parameters:
    ///   - overIPv6: at ::1, and not at 127.0.0.1.
    ///   - backlog: how many connections may wait to be taken.
    ///   - receiveBuffer: of the connections, in bytes, to fill it quickly.
    /// - Throws: `POSIXError`, when the machine has no such address.
    package init(overIPv6: Bool = false, backlog: Int32 = 64, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(overIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4) }
        let bound =
            overIPv6
            ? Self.listen(descriptor, Self.loopback6, backlog) : Self.listen(descriptor, Self.loopback4, backlog)
        guard let bound else {
            Glibc.close(descriptor)
            throw POSIXError(.EADDRNOTAVAIL)
        }
        port = bound
    }

    /// Takes every connection on a thread of its own, until ``stop()``.
    ///
    /// - Parameter serve: called on that thread; the connection is its to close.
    package func acceptEach(_ serve: @escaping @Sendable (Int32) -> Void) {
        Thread.detachNewThread { [descriptor] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { break }
                serve(connection)
            }
            // Not before: the next listener may have the same number, and this thread took its connections.
            Glibc.close(descriptor)
        }
    }

    /// Takes no connection any more: the thread of ``acceptEach(_:)`` ends.
    package func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Of one that takes no connections.
    package func close() { Glibc.close(descriptor) }

    /// A port that no one has now.
    package static func freePort() throws -> Int {
        let listener = try LoopbackListener()
        listener.close()
        return listener.port
    }

    package static func address(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static var loopback4: sockaddr_in { address(port: 0) }

    private static var loopback6: sockaddr_in6 {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_addr = in6addr_loopback
        return address
    }

    /// The port that it listens at; nil when the machine has no such address. Both kinds have it in bytes two and three.
    private static func listen<Address>(_ descriptor: Int32, _ address: Address, _ backlog: Int32) -> Int? {
        var address = address
        var length = socklen_t(MemoryLayout<Address>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard bind(descriptor, address, length) == 0, Glibc.listen(descriptor, backlog) == 0,
                    getsockname(descriptor, address, &length) == 0
                else { return nil }
                return Int(UnsafeRawBufferPointer(start: address, count: 4)[2]) << 8
                    | Int(UnsafeRawBufferPointer(start: address, count: 4)[3])
            }
        }
    }
}
