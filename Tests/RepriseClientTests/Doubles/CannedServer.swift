import Foundation
import Synchronization
import Testing

/// Listens on a port of its own and answers whatever comes with the same bytes.
final class CannedServer: Sendable {
    let port: Int
    private let listener: Int32
    private let state = Mutex<(requests: [String], connections: [Int32])>(([], []))

    /// - Parameters:
    ///   - answer: nothing at all keeps every request waiting.
    ///   - drip: after the answer a byte at every such interval.
    init(_ answer: String, drip: Duration? = nil) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 64) == 0
                    ? getsockname(listener, address, &length) : -1
            }
        }
        try #require(result == 0)
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0, let self else { return }
                self.state.withLock { $0.connections.append(connection) }
                Thread.detachNewThread { [weak self] in self?.serve(connection, answer, drip) }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        for connection in state.withLock({ $0.connections }) { shutdown(connection, Int32(SHUT_RDWR)) }
    }

    /// Each as the text it came as.
    var requests: [String] { state.withLock { $0.requests } }

    private func serve(_ connection: Int32, _ answer: String, _ drip: Duration?) {
        defer { close(connection) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            var count = 0
            // A body may come behind its head.
            repeat {
                let part = bytes.withUnsafeMutableBytes {
                    recv(connection, $0.baseAddress! + count, $0.count - count, 0)
                }
                guard part > 0 else { return }
                count += part
            } while !Self.isWhole(bytes.prefix(count))
            state.withLock { $0.requests.append(String(decoding: bytes.prefix(count), as: UTF8.self)) }
            guard !answer.isEmpty else { continue }
            write(answer, to: connection)
            while let drip, write("x", to: connection) { Thread.sleep(forTimeInterval: drip / .seconds(1)) }
        }
    }

    private static func isWhole(_ request: ArraySlice<UInt8>) -> Bool {
        let parts = String(decoding: request, as: UTF8.self).split(
            separator: "\r\n\r\n",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        guard parts.count == 2 else { return false }
        let length = parts[0].firstMatch(of: /(?i)content-length: *([0-9]+)/).flatMap { Int($0.output.1) } ?? 0
        return parts[1].utf8.count >= length
    }

    @discardableResult
    private func write(_ text: String, to connection: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }
}
