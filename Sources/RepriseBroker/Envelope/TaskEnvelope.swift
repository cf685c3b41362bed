package import RabbitMQ
package import RepriseEngine
package import RepriseKernel

/// A task on its way to a worker.
package struct TaskEnvelope: Equatable, Sendable {
    package var task: ActivityTask
    /// Opaque to workers; handed back with the answer.
    package var token: String
    /// Where the answer goes.
    package var replyTo: String
    /// Handed back as they came.
    package var correlation: String?
    /// Whether the time until a worker begins, or from then on, is limited.
    var isTimed = false
    /// Whether its progress keeps it alive, and is handed on.
    var hasHeartbeat = false
    /// How often a worker took the task and disappeared, or returned it, before it was answered.
    var losses = 0
    /// Why the task cannot run though it can be answered: its input is not what was promised.
    package var refusal: Failure?

    /// The message that a node publishes.
    package static func publication(
        of message: TaskMessage,
        number: OutboundNumber,
        epoch: Epoch,
        partition: PartitionNumber,
        names: HubNames
    ) -> RabbitMQPublication {
        let task = message.task
        var properties = RabbitMQProperties(
            contentType: CommandEnvelope.contentType,
            replyTo: names.inbox(partition),
            messageID: task.key.text(names.hub, partition)
        )
        properties.name(message.instance)
        properties.headers[Header.name] = .string(task.name)
        properties.headers[Header.token] = .string(message.token.description)
        properties.headers[Header.attempt] = .int(Int64(task.attempt))
        properties.headers[Header.partition] = .int(Int64(partition.value))
        properties.headers[Header.epoch] = .int(epoch.rawValue)
        if let limit = task.timeouts.scheduleToStart {
            properties.headers[Header.scheduleToStart] = .int(limit.wholeMilliseconds)
        }
        if let limit = task.timeouts.startToClose {
            properties.headers[Header.startToClose] = .int(limit.wholeMilliseconds)
        }
        if let limit = task.timeouts.heartbeat {
            properties.headers[Header.heartbeat] = .int(limit.wholeMilliseconds)
        }
        if let progress = task.progress { properties.headers[Header.progress] = .string(progress.text) }
        return RabbitMQPublication(
            id: number.publicationID,
            routingKey: names.activity(task.name),
            message: RabbitMQMessage(properties: properties, body: task.input.bytes)
        )
    }

    /// A task as it came, on its way to where suspects wait; `nil` when its body is too large to be passed on.
    static func publication(ofSuspect message: ReceivedMessage, queue: String) -> RabbitMQPublication? {
        guard let body = message.body.bytes else { return nil }
        var properties = message.properties
        // The broker would check the user against ours, and `x-` headers are its own: it starts counting again.
        properties.userID = nil
        properties.headers = properties.headers.filter { name, _ in !name.hasPrefix("x-") }
        return RabbitMQPublication(
            id: 0,
            routingKey: queue,
            message: RabbitMQMessage(properties: properties, body: body)
        )
    }

    /// Reads a message from an activity's queue. Throws when it is not a task that could be answered.
    package static func read(
        _ message: ReceivedMessage,
        activity: String,
        limits: Limits = Limits()
    ) throws(Rejection) -> TaskEnvelope {
        let properties = message.properties
        guard let replyTo = properties.replyTo, !replyTo.isEmpty else {
            throw Rejection(.invalid, "a task without reply_to")
        }
        guard DirectReply.isUsable(replyTo) else {
            throw Rejection(.invalid, "a task whose reply_to is not an address made by a broker")
        }
        let token = try properties.requiredText(Header.token)
        let instance = try properties.requiredInstance()
        let attempt = try properties.number(Header.attempt) ?? 1
        let losses = try properties.number(Header.deliveryCount) ?? 0
        var input = Payload.null
        var refusal: Failure?
        do {
            input = try message.payload(limits: limits)
        } catch {
            refusal = Failure(unreadable: error)
        }
        var envelope = TaskEnvelope(
            task: ActivityTask(
                name: activity,
                instance: instance,
                input: input,
                attempt: Int(clamping: attempt),
                idempotencyKey: properties.key ?? token
            ),
            token: token,
            replyTo: replyTo,
            correlation: properties.correlationID,
            isTimed: [Header.scheduleToStart, Header.startToClose, Header.heartbeat].contains {
                properties.headers[$0] != nil
            },
            hasHeartbeat: properties.headers[Header.heartbeat] != nil,
            losses: Int(clamping: losses),
            refusal: refusal
        )
        envelope.task.progress = try properties.progress()
        return envelope
    }
}

extension RabbitMQProperties {
    /// What an earlier attempt reported last.
    fileprivate func progress() throws(Rejection) -> Payload? {
        guard let text = try text(Header.progress) else { return nil }
        do {
            return try Payload(checking: Array(text.utf8))
        } catch {
            throw Rejection(.invalid, "the header '\(Header.progress)' is not JSON")
        }
    }
}

extension Failure {
    /// The failure that the caller gets for an input or a result that breaks the rules for bodies.
    init(unreadable rejection: Rejection) {
        self.init(
            type: rejection.code == .tooLarge ? Kind.tooLarge : Kind.unreadable,
            message: rejection.reason,
            isNonRetriable: true
        )
    }
}
