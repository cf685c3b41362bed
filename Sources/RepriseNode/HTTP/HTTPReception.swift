import Foundation
import Reprise

/// What has arrived of one response, up to a limit: a server must not decide how much memory a worker uses.
struct HTTPReception {
    /// A response becomes a task's result, and may be as large as one.
    static let maximumBytes = 768 << 10
    private static let maximumHeaderBytes = 256 << 10

    /// How large a response was that is too large: as it declares, or as far as it had arrived.
    private(set) var excess: Int64?
    /// Whatever length it declares.
    var hasNoBody = false
    private var headers: [(name: String, value: String)] = []
    private var headerBytes = 0
    private var hasHead = false
    private var body: [UInt8] = []

    /// A line at a time, its end included. False when the response is too large.
    mutating func readHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        // What follows the body says nothing of it.
        guard !hasHead || line.starts(with: Array("HTTP/".utf8)) else { return true }
        headerBytes += line.count
        guard headerBytes <= Self.maximumHeaderBytes else { return refuse(Int64(headerBytes)) }
        let text = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        if text.isEmpty { return readEndOfHead() }
        if text.hasPrefix("HTTP/") {
            // What came before a status line was an interim response.
            (headers, hasHead) = ([], false)
        } else if let colon = text.firstIndex(of: ":") {
            let value = text[text.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            headers.append((String(text[..<colon]), value))
        }
        return true
    }

    private mutating func readEndOfHead() -> Bool {
        hasHead = true
        let declared = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int64($0.value) }
        guard let declared, declared > Self.maximumBytes, !hasNoBody else { return true }
        return refuse(declared)
    }

    /// False when the response is too large.
    mutating func readBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= Self.maximumBytes else { return refuse(Int64(body.count + bytes.count)) }
        body.append(contentsOf: bytes)
        return true
    }

    private mutating func refuse(_ bytes: Int64) -> Bool {
        excess = bytes
        return false
    }

    func result(_ statusCode: Int) -> HTTPCallResult {
        HTTPCallResult(statusCode: statusCode, headers: joined, body: String(decoding: body, as: UTF8.self))
    }

    /// One value for each name, comma-joined if it came more than once.
    private var joined: [String: String] {
        var joined: [String: String] = [:]
        var spelling: [String: String] = [:]
        for (name, value) in headers {
            let known = spelling[name.lowercased()] ?? name
            spelling[name.lowercased()] = known
            joined[known] = joined[known].map { "\($0), \(value)" } ?? value
        }
        return joined
    }
}
