import Foundation
import RepriseTestSupport
import Synchronization
import Testing

/// Listens on a port of its own, answers every request with the same head, and pours bytes after it.
final class OversizedServer: Sendable {
    var port: Int { listener.port }
    private let listener: LoopbackListener
    private let count = Atomic<Int>(0)
    private let heard = Mutex("")

    /// - Parameters:
    ///   - bytes: how many follow the head before the connection ends; nil: as many as are taken.
    ///   - holdsOn: the connection ends when the client leaves.
    convenience init(_ head: String, bytes: Int?, overIPv6: Bool = false, holdsOn: Bool = false) throws {
        try self.init(head: Array(head.utf8), bytes: bytes, overIPv6: overIPv6, holdsOn: holdsOn)
    }

    /// Whether a socket can listen at ::1.
    static var hasIPv6: Bool { (try? OversizedServer("", bytes: 0, overIPv6: true)) != nil }

    init(head: [UInt8], bytes: Int?, overIPv6: Bool = false, holdsOn: Bool = false) throws {
        listener = try LoopbackListener(overIPv6: overIPv6)
        listener.acceptEach { [weak self] connection in
            if let self { self.serve(connection, head, bytes, holdsOn: holdsOn) } else { close(connection) }
        }
    }

    deinit { listener.stop() }

    /// What was sent to it, as it came.
    var requests: String { heard.withLock { $0 } }

    /// The bytes that someone has taken.
    var poured: Int { count.load(ordering: .relaxed) }

    private func serve(_ connection: Int32, _ head: [UInt8], _ bytes: Int?, holdsOn: Bool) {
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
        if holdsOn { _ = recv(connection, &request, request.count, 0) }
    }

    private func write(_ bytes: [UInt8], to connection: Int32) -> Int {
        send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
