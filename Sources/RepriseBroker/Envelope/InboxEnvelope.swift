import RabbitMQ
package import RepriseEngine
package import RepriseKernel

/// Whatever an inbox may hold: commands, results and questions by their `type`.
package enum InboxEnvelope {
    package static func read(
        _ message: ReceivedMessage,
        tag: UInt64,
        isRedelivered: Bool = false,
        limits: Limits = Limits()
    ) -> InboundDelivery {
        InboundDelivery(
            tag: tag,
            message: content(of: message, limits: limits),
            replyTo: message.properties.replyAddress,
            size: message.size,
            original: message,
            isRedelivered: isRedelivered
        )
    }

    private static func content(of message: ReceivedMessage, limits: Limits) -> InboundDelivery.Message {
        do throws(Rejection) {
            if let command = try CommandEnvelope.readInbox(message, limits: limits) { return .command(command) }
            if let result = try ResultEnvelope.readInbox(message, limits: limits) { return .result(result) }
            if let report = try ProgressEnvelope.readInbox(message, limits: limits) { return .progress(report) }
            if let query = try QueryEnvelope.readInbox(message) { return .query(query) }
            throw Rejection(
                .invalid,
                message.properties.type.map { "a message of the unknown type '\($0.prefix(80))'" }
                    ?? "a message without a type"
            )
        } catch {
            return .unusable(error)
        }
    }
}
