package import RabbitMQ
package import RepriseKernel

/// A message that could not be processed, as stored in the dead-letter queue: the original with its history in headers.
package struct DeadLetterEnvelope: Equatable, Sendable {
    /// Its own `message_id`, by which people name it.
    package var id: String
    package var reason: String
    package var code: String
    /// When it became a dead letter.
    package var time: Timestamp
    /// The message as it was: where it was published, its properties and its body.
    package var original: ReceivedMessage

    package init(id: String, reason: String, code: String, time: Timestamp, original: ReceivedMessage) {
        self.id = id
        self.reason = reason
        self.code = code
        self.time = time
        self.original = original
    }

    // MARK: Writing

    /// The dead letter's message for the hub's dead-letter queue. Of a body that was dropped it tells size and hash.
    package func publication(number: UInt64, names: HubNames) -> RabbitMQPublication {
        let source = original.origin(names: names)
        var properties = RabbitMQProperties(
            contentType: original.properties.contentType?.cut(to: RabbitMQProperties.longestShortString),
            contentEncoding: original.properties.contentEncoding?.cut(to: RabbitMQProperties.longestShortString),
            correlationID: original.properties.correlationID?.cut(to: RabbitMQProperties.longestShortString),
            messageID: id,
            timestamp: time.milliseconds / 1_000,
            type: original.properties.type?.cut(to: RabbitMQProperties.longestShortString),
            appID: original.properties.appID?.cut(to: RabbitMQProperties.longestShortString)
        )
        for (name, value) in original.properties.keptHeaders { properties.headers[name] = value }
        properties.headers[Header.reason] = .string(reason.cut(to: 1_024))
        properties.headers[Header.code] = .string(code)
        properties.headers[Header.exchange] = .string(source.exchange)
        properties.headers[Header.routingKey] = .string(source.routingKey)
        // Moved to headers: the broker would check the user against ours, and a second answer would surprise.
        properties.headers[Header.messageID] = original.properties.messageID.map { .string($0) }
        properties.headers[Header.replyTo] = original.properties.replyTo.map { .string($0) }
        properties.headers[Header.userID] = original.properties.userID.map { .string($0) }
        var body: [UInt8] = []
        switch original.body {
        case .bytes(let bytes): body = bytes
        case .dropped(let size, let hash):
            properties.headers[Header.size] = .string(String(size))
            properties.headers[Header.hash] = .string(String(hash, radix: 16))
        }
        return RabbitMQPublication(
            id: number,
            routingKey: names.dead,
            message: RabbitMQMessage(properties: properties, body: body)
        )
    }

    /// What stands for a command that this connection refuses to send on, whatever may be wrong with it: its names, and
    /// size and hash of its body.
    package init(id: String, unsendable command: RabbitMQPublication, why: String, time: Timestamp) {
        let message = command.message
        var names = RabbitMQProperties(correlationID: message.properties.correlationID, type: message.properties.type)
        for header in [Header.instance, Header.name] { names.headers[header] = message.properties.headers[header] }
        var hash = FNV1a()
        hash.combine(message.body)
        self.init(
            id: id,
            reason: "the hub cannot pass it on: \(why)",
            code: Rejection.Code.tooLarge.rawValue,
            time: time,
            original: ReceivedMessage(
                exchange: command.exchange,
                routingKey: command.routingKey,
                properties: names,
                body: .dropped(size: UInt64(message.body.count), fnv1a64: hash.value)
            )
        )
    }

    // MARK: Reading

    /// Reads a message of the dead-letter queue. It can be shown whatever its source: what is missing stays empty.
    package init(_ delivery: RabbitMQDelivery) {
        let properties = delivery.properties
        func text(_ header: String) -> String? { properties.headers[header]?.stringValue }
        var original = properties
        original.messageID = text(Header.messageID)
        original.replyTo = nil
        original.timestamp = nil
        original.headers = properties.headers.filter { name, _ in
            !Self.ownHeaders.contains(name) && !name.hasPrefix("x-")
        }
        var body = delivery.body
        if let size = text(Header.size).flatMap({ UInt64($0) }) {
            body = .dropped(size: size, fnv1a64: text(Header.hash).flatMap { UInt64($0, radix: 16) } ?? 0)
        }
        self.init(
            id: properties.messageID ?? "",
            reason: text(Header.reason) ?? "",
            code: text(Header.code) ?? "",
            time: Timestamp(milliseconds: Self.milliseconds(properties.timestamp)),
            original: ReceivedMessage(
                exchange: text(Header.exchange) ?? delivery.exchange,
                routingKey: text(Header.routingKey) ?? delivery.routingKey,
                properties: original,
                body: body
            )
        )
    }

    private static let ownHeaders: Set<String> = [
        Header.reason, Header.code, Header.exchange, Header.routingKey, Header.messageID, Header.replyTo, Header.userID,
        Header.size, Header.hash,
    ]

    private static func milliseconds(_ seconds: Int64?) -> Int64 {
        let (product, isTooLarge) = (seconds ?? 0).multipliedReportingOverflow(by: 1_000)
        return isTooLarge ? 0 : product
    }

    /// The original again, to where it was first published; `nil` when its body was too large to be kept.
    package func retry(number: UInt64) -> RabbitMQPublication? {
        guard case .bytes(let bytes) = original.body else { return nil }
        var properties = original.properties
        // No one waits for it any more, so it cannot be too late.
        for header in [Header.deadline, Header.interactive, Header.request] { properties.headers[header] = nil }
        return RabbitMQPublication(
            id: number,
            exchange: original.exchange,
            routingKey: original.routingKey,
            message: RabbitMQMessage(properties: properties, body: bytes)
        )
    }
}

extension ReceivedMessage {
    /// Where the message was published first: a command found in an inbox came through the command exchange, or might have.
    ///
    /// What one partition sends another goes back to the inbox itself: the command exchange takes no such thing.
    func origin(names: HubNames) -> (exchange: String, routingKey: String) {
        guard (try? properties.checkStranger()) != nil else { return (exchange, routingKey) }
        guard exchange.isEmpty, names.partition(ofInbox: routingKey) != nil, let type = properties.type,
            Command.Verb(rawValue: type) != nil
        else { return (exchange, routingKey) }
        let name = properties.headers[Header.name]?.stringValue
        return (names.commands, name.map { "\(type).\($0)" } ?? type)
    }
}
