import RabbitMQ
import RepriseEngine
import RepriseKernel

/// The notice for workers that a task is no longer awaited. Sent to all of them; not kept, and not confirmed.
enum WithdrawalEnvelope {
    static let type = "ActivityWithdrawn"

    static func publication(of task: WithdrawnTask, names: HubNames) -> RabbitMQPublication {
        var properties = RabbitMQProperties(
            contentType: CommandEnvelope.contentType,
            persistent: false,
            type: type
        )
        properties.name(task.address.instance)
        if let activity = task.activity { properties.headers[Header.name] = .string(activity) }
        properties.headers[Header.token] = .string(task.address.token.description)
        return RabbitMQPublication(
            id: PublicationPurpose.unawaited.id,
            exchange: names.withdrawals,
            routingKey: "",
            mandatory: false,
            message: RabbitMQMessage(properties: properties, body: Payload.string(task.reason).bytes)
        )
    }

    /// The token of the task, if the message is what it should be.
    static func token(in message: ReceivedMessage) -> String? {
        guard message.properties.type == type else { return nil }
        return message.properties.headers[Header.token]?.stringValue
    }
}
