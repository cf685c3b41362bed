import RabbitMQ
import RepriseEngine
import RepriseKernel

/// The notice for workers that a task is no longer awaited. Sent to all of them; not kept, and not confirmed.
enum WithdrawalEnvelope {
    static let type = "ActivityWithdrawn"

    static func publication(of task: WithdrawnTask, names: HubNames) -> RabbitMQPublication {
        let body = Payload.string(task.reason)
        var publication = toWorkers(type, about: task.address, body, names: names)
        if let activity = task.activity { publication.message.properties.headers[Header.name] = .string(activity) }
        return publication
    }

    /// A notice for whichever worker has the task.
    static func toWorkers(_ type: String, about task: TaskAddress, _ body: Payload, names: HubNames)
        -> RabbitMQPublication
    {
        var properties = RabbitMQProperties(contentType: CommandEnvelope.contentType, persistent: false, type: type)
        properties.name(task.instance)
        properties.headers[Header.token] = .string(task.token.description)
        return RabbitMQPublication(
            id: PublicationPurpose.unawaited.id,
            exchange: names.withdrawals,
            routingKey: "",
            mandatory: false,
            message: RabbitMQMessage(properties: properties, body: body.bytes)
        )
    }

    /// The token of the task, if the message is what it should be.
    static func token(in message: ReceivedMessage) -> String? {
        guard message.properties.type == type else { return nil }
        return message.properties.headers[Header.token]?.stringValue
    }
}
