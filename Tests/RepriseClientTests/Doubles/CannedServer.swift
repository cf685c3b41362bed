import Foundation
import RepriseTestSupport
import Synchronization
import Testing

/// Listens on a port of its own and answers whatever comes with the same bytes.
final class CannedServer: Sendable {
    var port: Int { listener.port }
    private let listener: LoopbackListener
    private let heard = Mutex<[String]>([])

    /// - Parameters:
    ///   - answer: nothing at all keeps every request waiting.
    ///   - drip: after the answer a byte at every such interval.
    init(_ answer: String, drip: Duration? = nil) throws {
        listener = try LoopbackListener()
        listener.acceptEach { [weak self] connection in
            guard let self else {
                close(connection)
                return
            }
            Thread.detachNewThread { self.serve(connection, answer, drip) }
        }
    }

    deinit { listener.stop() }

    /// Each as the text it came as.
    var requests: [String] { heard.withLock { $0 } }

    private func serve(_ connection: Int32, _ answer: String, _ drip: Duration?) {
        defer { close(connection) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        var received: [UInt8] = []
        while true {
            let count = recv(connection, &bytes, bytes.count, 0)
            guard count > 0 else { return }
            // A head and its body may come one after another.
            received += bytes.prefix(count)
            guard Self.isWhole(received) else { continue }
            let request = String(decoding: received, as: UTF8.self)
            received = []
            heard.withLock { $0.append(request) }
            guard !answer.isEmpty else { continue }
            write(answer, to: connection)
            while let drip, write("x", to: connection) { Thread.sleep(forTimeInterval: drip / .seconds(1)) }
        }
    }

    private static func isWhole(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return false }
        let length = text[..<end.lowerBound].split(separator: "\r\n").lazy
            .first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.split(separator: ":")[1].filter { $0 != " " }) }
        return text[end.upperBound...].utf8.count >= length ?? 0
    }

    @discardableResult
    private func write(_ text: String, to connection: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }
}
