package import RabbitMQ
package import RepriseEngine
package import RepriseKernel

/// A question to a partition. Between programs of Reprise only: answers are in a binary form that may change.
package enum QueryEnvelope {
    private static let status = "query.status"
    private static let instances = "query.instances"
    private static let health = "query.health"

    /// `expiration`: a question that nobody has read by then goes away, so that no inbox fills while its node is gone.
    package static func message(for query: Query, replyTo: ReplyAddress, expiration: Duration) -> Message {
        var properties = Properties(
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
        case .instances(let after, let limit):
            properties.type = instances
            properties.headers[Header.after] = .int(after)
            properties.headers[Header.limit] = .int(Int64(limit))
        case .health:
            properties.type = health
        }
        return Message(properties: properties)
    }

    /// Reads a question from an inbox; `nil` when the message is of another type.
    static func readInbox(_ message: ReceivedMessage) throws(Rejection) -> Query? {
        let properties = message.properties
        switch properties.type {
        case status:
            return .status(try properties.requiredInstance(), history: try properties.flag(Header.history))
        case instances:
            let limit = try properties.requiredNumber(Header.limit)
            guard (1...mostInstances).contains(limit) else {
                throw Rejection(.invalid, "the header '\(Header.limit)' must be from 1 to \(mostInstances)")
            }
            return .instances(after: try properties.requiredNumber(Header.after), limit: Int(limit))
        case health:
            return .health
        default:
            return nil
        }
    }

    private static let mostInstances: Int64 = 10_000
}

extension Duration {
    /// Rounded down, and within what an `Int64` holds.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000)
        return isTooLong ? .max : product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000).partialValue
    }
}
