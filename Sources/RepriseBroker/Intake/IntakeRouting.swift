import RabbitMQ
import RepriseEngine
import RepriseKernel

/// Decides where a message of the intake goes. Pure: ids and times are passed in.
struct IntakeRouting {
    let names: HubNames
    let partitionCount: Int
    var limits = Limits()

    /// How long a question waits for its partition.
    private static let timeout = Duration.seconds(60)

    struct Decision {
        /// Must reach its queue before the delivery is acked.
        var publication: RabbitMQPublication
        var destination: ForwardLedger.Destination
        /// Why it becomes a dead letter.
        var refusal: Rejection?
        /// Best effort, for the sender.
        var replies: [RabbitMQPublication] = []
    }

    func route(_ message: ReceivedMessage, tag: UInt64, randomID: () -> String, now: Timestamp) -> Decision {
        do {
            if let lost = try ResultEnvelope.lostTask(message, names: names, partitionCount: partitionCount) {
                return forward(lost.message, to: lost.partition, tag: tag)
            }
            if let (query, instance) = try QueryEnvelope.read(message), let address = message.properties.replyAddress {
                return forward(
                    QueryEnvelope.message(for: query, replyTo: address, expiration: Self.timeout),
                    to: PartitionNumber(of: instance, count: partitionCount),
                    tag: tag
                )
            }
            var command = try CommandEnvelope.read(message, hub: names.hub, limits: limits, randomID: randomID)
            command.isOrdered = true
            let partition = PartitionNumber(of: command.instance, count: partitionCount)
            return forward(
                CommandEnvelope.message(for: command, replyTo: message.properties.replyAddress),
                to: partition,
                tag: tag
            )
        } catch {
            return refuse(message, error, tag: tag, id: randomID(), now: now)
        }
    }

    private func forward(_ message: RabbitMQMessage, to partition: PartitionNumber, tag: UInt64) -> Decision {
        Decision(
            publication: RabbitMQPublication(id: tag, routingKey: names.inbox(partition), message: message),
            destination: .inbox(partition.value)
        )
    }

    /// The dead letter in place of a command that cannot be forwarded.
    func letter(for command: RabbitMQPublication, _ why: String, id: String, now: Timestamp) -> RabbitMQPublication {
        DeadLetterEnvelope(id: id, unsendable: command, why: why, time: now)
            .publication(number: command.id, names: names)
    }

    private func refuse(
        _ message: ReceivedMessage,
        _ rejection: Rejection,
        tag: UInt64,
        id: String,
        now: Timestamp
    ) -> Decision {
        let letter = DeadLetterEnvelope(
            id: id,
            reason: rejection.reason,
            code: rejection.code.rawValue,
            time: now,
            original: message
        )
        let replies = message.properties.replyAddress.map { address in
            AnswerEnvelope.publications(of: .rejected(rejection), to: address)
        }
        return Decision(
            publication: letter.publication(number: tag, names: names),
            destination: .dead,
            refusal: rejection,
            replies: replies ?? []
        )
    }
}
