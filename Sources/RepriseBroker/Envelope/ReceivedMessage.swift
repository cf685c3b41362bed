package import RabbitMQ
import RepriseEngine
package import RepriseKernel

/// A message as the broker delivered it. The engine keeps it, unread, for the day it becomes a dead letter.
package struct ReceivedMessage: OriginalMessage, Equatable {
    package var exchange: String
    package var routingKey: String
    package var properties: RabbitMQProperties
    package var body: RabbitMQBody

    package init(exchange: String, routingKey: String, properties: RabbitMQProperties, body: RabbitMQBody) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.properties = properties
        self.body = body
    }

    package init(_ delivery: RabbitMQDelivery) {
        self.init(
            exchange: delivery.exchange,
            routingKey: delivery.routingKey,
            properties: delivery.properties,
            body: delivery.body
        )
    }

    /// The size of the body as it was sent.
    var size: Int {
        switch body {
        case .bytes(let bytes): bytes.count
        case .dropped(let size, _): Int(clamping: size)
        }
    }
}

extension ReceivedMessage {
    private static let formatVersion: UInt8 = 1

    package func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.byte(Self.formatVersion)
        writer.string(exchange)
        writer.string(routingKey)
        for field in Self.textFields { writer.optional(properties[keyPath: field]) }
        let kept = properties.keptHeaders
        writer.unsigned(UInt64(kept.count))
        for (name, value) in kept {
            writer.string(name)
            writer.field(value)
        }
        switch body {
        case .bytes(let bytes):
            writer.byte(0)
            writer.string(bytes)
        case .dropped(let size, let hash):
            writer.byte(1)
            writer.unsigned(size)
            writer.unsigned(hash)
        }
        return writer.bytes
    }

    package init(encoded bytes: [UInt8]) throws(ByteReader.Damaged) {
        var reader = ByteReader(bytes)
        let version = try reader.byte()
        guard version == Self.formatVersion else {
            throw ByteReader.Damaged(description: "a kept message of format \(version)")
        }
        self.init(
            exchange: try reader.string(),
            routingKey: try reader.string(),
            properties: RabbitMQProperties(),
            body: .bytes([])
        )
        for field in Self.textFields { properties[keyPath: field] = try reader.optional() }
        let count = try reader.unsigned()
        for _ in 0..<min(count, UInt64(RabbitMQProperties.maximumKeptHeaders)) {
            properties.headers[try reader.string()] = try reader.field()
        }
        switch try reader.byte() {
        case 0: body = .bytes(try reader.content())
        case 1: body = .dropped(size: try reader.unsigned(), fnv1a64: try reader.unsigned())
        case let other: throw ByteReader.Damaged(description: "a body of unknown kind \(other)")
        }
    }

    private static var textFields: [WritableKeyPath<RabbitMQProperties, String?>] {
        [\.contentType, \.contentEncoding, \.correlationID, \.replyTo, \.messageID, \.type, \.userID, \.appID]
    }
}

extension RabbitMQProperties {
    static let maximumKeptHeaders = 128
    /// Of the headers that are not ours.
    private static let maximumKeptBytes = 16_384
    private static let longestKeptText = 1_024
    /// A retry would mean something else without one of ours: any that a command can have is kept.
    private static let maximumKeptOfOurs = 98_304

    /// The headers worth keeping with a message that could not be processed: ours, and flat ones of a modest size.
    ///
    /// `CC` and `BCC` would make the broker send copies to wherever they say, and `x-` headers are the broker's own.
    var keptHeaders: [(String, RabbitMQFieldValue)] {
        let candidates = headers.filter { name, _ in
            name != "CC" && name != "BCC" && !name.hasPrefix("x-") && name.utf8.count <= Self.longestShortString
        }
        let ours = candidates.filter { $0.key.hasPrefix("reprise-") }
        var kept = Self.kept(
            ours,
            most: Self.maximumKeptHeaders,
            bytes: Self.maximumKeptOfOurs,
            text: Self.maximumKeptOfOurs
        )
        kept += Self.kept(
            candidates.filter { ours[$0.key] == nil },
            most: Self.maximumKeptHeaders - kept.count,
            bytes: Self.maximumKeptBytes,
            text: Self.longestKeptText
        )
        return kept
    }

    private static func kept(
        _ headers: RabbitMQTable,
        most: Int,
        bytes: Int,
        text longest: Int
    ) -> [(String, RabbitMQFieldValue)] {
        var room = bytes
        var kept: [(String, RabbitMQFieldValue)] = []
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            let size: Int
            switch value {
            case .bool, .int, .double, .timestamp: size = 8
            case .string(let text) where text.utf8.count <= longest: size = text.utf8.count
            default: continue
            }
            room -= size + name.utf8.count
            guard kept.count < most, room >= 0 else { break }
            kept.append((name, value))
        }
        return kept
    }
}
