import RabbitMQ
import RepriseEngine

/// Records of the log as messages of its stream: one each, or several where a record is larger than a message may be.
///
/// ```
///  message_id 7f….12   part 0 of 3 ┐
///  message_id 7f….12   part 1 of 3 ├─ one record, at the offset of its last part
///  message_id 7f….12   part 2 of 3 ┘
/// ```
/// An owner that dies in between leaves parts that are never completed: they were never confirmed.
enum LogFragments {
    static let bytes = 1 << 20
    static let type = "LogRecord"

    static func messages(of record: [UInt8], id: String) -> [RabbitMQMessage] {
        var properties = RabbitMQProperties(contentType: "application/octet-stream", messageID: id, type: type)
        guard record.count > bytes else { return [RabbitMQMessage(properties: properties, body: record)] }
        let parts = (record.count + bytes - 1) / bytes
        return (0..<parts).map { part in
            properties.headers[Header.part] = .int(Int64(part))
            properties.headers[Header.parts] = .int(Int64(parts))
            let end = min(record.count, (part + 1) * bytes)
            return RabbitMQMessage(properties: properties, body: Array(record[(part * bytes)..<end]))
        }
    }
}

/// Reassembles the records of a stream.
struct LogAssembler {
    private struct Partial {
        var id: String
        var parts: Int64
        var next: Int64
        var bytes: [UInt8]
    }

    /// Of the unfinished records together: a stranger's parts, which nothing takes out of a stream, must not fill the memory.
    private let maximumBytes: Int
    /// By the order of their latest parts. A late part of a former owner must not break its successor's record.
    private var partials: [Partial] = []
    private static let most = 4

    init(maximumBytes: Int = LogLimits.maximumRecordBytes) { self.maximumBytes = maximumBytes }

    var unfinishedBytes: Int { partials.reduce(0) { $0 + $1.bytes.count } }

    /// The record that a message completes.
    ///
    /// - Throws: `.unreadable` for a message without an offset.
    mutating func add(_ delivery: RabbitMQDelivery) throws(LogReadError) -> LogEntry? {
        guard let offset = delivery.properties.headers["x-stream-offset"]?.intValue else {
            throw LogReadError(.unreadable, "a message of the log has no offset: what is read is not a stream")
        }
        // Larger than any that was written: a stranger's, which cannot be taken out of a stream. An empty record is none.
        guard let bytes = delivery.body.bytes else { return LogEntry(offset: offset, bytes: []) }
        guard let parts = delivery.properties.headers[Header.parts]?.intValue,
            let part = delivery.properties.headers[Header.part]?.intValue
        else { return LogEntry(offset: offset, bytes: bytes) }
        let id = delivery.properties.messageID ?? ""
        guard var partial = take(id) ?? (part == 0 ? Partial(id: id, parts: parts, next: 0, bytes: []) : nil),
            partial.next == part, partial.parts == parts
        else { return nil }
        partial.bytes += bytes
        partial.next += 1
        if partial.next == parts { return LogEntry(offset: offset, bytes: partial.bytes) }
        partials.append(partial)
        while partials.count > Self.most || unfinishedBytes > maximumBytes { partials.removeFirst() }
        return nil
    }

    private mutating func take(_ id: String) -> Partial? {
        partials.firstIndex { $0.id == id }.map { partials.remove(at: $0) }
    }
}
