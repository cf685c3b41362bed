package import RabbitMQ
package import RepriseEngine
package import RepriseKernel

/// A question to a partition. All but the one for changes are between programs of Reprise only: their answers are in a binary
/// form that may change.
package enum QueryEnvelope {
    /// On the command exchange the routing key, in an inbox the type, of the query that anyone may send.
    static let changes = "statuses"
    private static let status = "query.status"
    private static let instances = "query.instances"
    private static let health = "query.health"

    /// `expiration`: a query that has not been read by then expires, so that no inbox fills while its node is gone.
    package static func message(for query: Query, replyTo: ReplyAddress, expiration: Duration) -> RabbitMQMessage {
        var properties = RabbitMQProperties(
            persistent: false,
            replyTo: replyTo.queue,
            expiration: String(max(1, expiration.wholeMilliseconds)),
            messageID: replyTo.correlation
        )
        switch query {
        case .status(let instance, let history):
            properties.type = status
            properties.name(instance)
            properties.headers[Header.history] = .bool(history)
        case .changes(let instance, let after):
            properties.type = changes
            properties.name(instance)
            properties.headers[Header.after] = .int(after)
        case .instances(let after, let limit):
            properties.type = instances
            properties.headers[Header.after] = .int(after.rawValue)
            properties.headers[Header.limit] = .int(Int64(limit))
        case .health:
            properties.type = health
        }
        return RabbitMQMessage(properties: properties)
    }

    /// Reads a question from the command exchange; `nil` when the message is something else.
    static func read(_ message: ReceivedMessage) throws(Rejection) -> (query: Query, instance: InstanceID)? {
        guard message.routingKey == changes else { return nil }
        guard message.properties.replyAddress != nil else {
            throw Rejection(.invalid, "the routing key '\(changes)' asks for an answer: 'reply_to' says where it goes")
        }
        let instance = try message.properties.requiredInstance()
        return (.changes(instance, after: try message.properties.number(Header.after) ?? 0), instance)
    }

    /// Reads a question from an inbox; `nil` when the message is of another type.
    static func readInbox(_ message: ReceivedMessage) throws(Rejection) -> Query? {
        let properties = message.properties
        switch properties.type {
        case status:
            return .status(try properties.requiredInstance(), history: try properties.flag(Header.history))
        case changes:
            return .changes(try properties.requiredInstance(), after: try properties.number(Header.after) ?? 0)
        case instances:
            let limit = try properties.requiredNumber(Header.limit)
            guard (1...maximumInstances).contains(limit) else {
                throw Rejection(.invalid, "the header '\(Header.limit)' must be from 1 to \(maximumInstances)")
            }
            return .instances(
                after: InstanceKey(rawValue: try properties.requiredNumber(Header.after)),
                limit: Int(limit)
            )
        case health:
            return .health
        default:
            return nil
        }
    }

    private static let maximumInstances: Int64 = 10_000
}

extension Duration {
    /// Rounded down, and within what an `Int64` holds.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000)
        return isTooLong ? .max : product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000).partialValue
    }

    /// The same of microseconds, for what is never negative.
    var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000)
        return isTooLong ? .max : product.addingReportingOverflow(attoseconds / 1_000_000_000_000).partialValue
    }
}
