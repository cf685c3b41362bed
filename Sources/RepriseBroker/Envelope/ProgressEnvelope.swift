package import RabbitMQ
import RepriseEngine
package import RepriseKernel

/// The progress of an activity on its ways: from the worker to the partition, on to observers, and back to a worker that
/// begins an attempt again.
///
/// ```
///  worker ── to reply_to, with the token ──► inbox … partition ──► exchange reprise.<hub>.status, without a version
///                                                            └───► exchange of withdrawals, with the token
/// ```
/// Not persistent, and not confirmed: what is lost is reported again, or obsolete.
package enum ProgressEnvelope {
    static let type = "ActivityProgress"

    // MARK: From the worker

    static func publication(of value: Payload, from task: TaskEnvelope) -> RabbitMQPublication {
        var properties = RabbitMQProperties(
            contentType: CommandEnvelope.contentType,
            persistent: false,
            correlationID: task.correlation,
            type: type
        )
        properties.headers[Header.instance] = .string(task.task.instance.value)
        properties.headers[Header.token] = .string(task.token)
        return RabbitMQPublication(
            id: 0,
            routingKey: task.replyTo,
            mandatory: false,
            message: RabbitMQMessage(properties: properties, body: value.bytes)
        )
    }

    /// Reads a report from an inbox; `nil` when the message is of another type.
    static func readInbox(_ message: ReceivedMessage, limits: Limits) throws(Rejection) -> ProgressReport? {
        let properties = message.properties
        guard properties.type == type else { return nil }
        guard let token = TaskToken(try properties.requiredText(Header.token)) else {
            throw Rejection(.invalid, "the header '\(Header.token)' is not a token of this hub")
        }
        return ProgressReport(
            instance: try properties.requiredInstance(),
            token: token,
            value: try message.payload(limits: limits)
        )
    }

    // MARK: Back to workers

    /// To all of them, like withdrawals; null says that nothing was reported.
    static func publication(of report: ProgressReport, names: HubNames) -> RabbitMQPublication {
        let task = TaskAddress(instance: report.instance, token: report.token)
        return WithdrawalEnvelope.toWorkers(type, about: task, report.value, names: names)
    }

    /// The token of the task that is begun again, and what was reported; `nil` when the message is of another type.
    static func resumed(_ message: ReceivedMessage, limits: Limits = Limits()) -> (token: String, progress: Payload)? {
        guard message.properties.type == type, let token = message.properties.headers[Header.token]?.stringValue,
            let progress = try? message.payload(limits: limits)
        else { return nil }
        return (token, progress)
    }

    // MARK: To observers

    /// An empty body says that the task is no longer open.
    package static func publication(of progress: ProgressMessage, names: HubNames) -> RabbitMQPublication {
        var properties = RabbitMQProperties(contentType: CommandEnvelope.contentType, persistent: false, type: type)
        properties.name(progress.instance)
        properties.headers[Header.name] = .string(progress.name)
        properties.headers[Header.incarnation] = .int(progress.incarnation.rawValue)
        properties.headers[Header.partition] = .int(Int64(progress.partition.value))
        properties.headers[Header.epoch] = .int(progress.epoch.rawValue)
        properties.headers[Header.time] = .int(progress.time.milliseconds)
        properties.headers[Header.activity] = .string(progress.activity)
        properties.headers[Header.task] = .int(progress.task.value)
        properties.headers[Header.attempt] = .int(Int64(progress.attempt))
        return RabbitMQPublication(
            id: PublicationPurpose.unawaited.id,
            exchange: names.statuses,
            routingKey: "\(progress.name).\(type)",
            mandatory: false,
            message: RabbitMQMessage(properties: properties, body: progress.value?.bytes ?? [])
        )
    }

    /// Reads a message from the status exchange; `nil` when it is of another type.
    package static func read(
        _ message: ReceivedMessage,
        limits: Limits = Limits()
    ) throws(Rejection) -> ProgressMessage? {
        let properties = message.properties
        guard properties.type == type else { return nil }
        return ProgressMessage(
            instance: try properties.requiredInstance(),
            name: try properties.requiredText(Header.name),
            incarnation: Incarnation(rawValue: try properties.requiredNumber(Header.incarnation)),
            partition: PartitionNumber(Int(clamping: try properties.requiredNumber(Header.partition))),
            epoch: Epoch(rawValue: try properties.requiredNumber(Header.epoch)),
            activity: try properties.requiredText(Header.activity),
            task: TaskID(try properties.requiredNumber(Header.task)),
            attempt: Int(clamping: try properties.requiredNumber(Header.attempt)),
            time: Timestamp(milliseconds: try properties.requiredNumber(Header.time)),
            value: message.size == 0 ? nil : try message.payload(limits: limits)
        )
    }
}
