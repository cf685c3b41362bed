import Foundation
package import RabbitMQ
import RepriseEngine
package import RepriseKernel

/// A worker's answer to a task.
package enum ResultEnvelope {
    static let completed = "ActivityCompleted"
    static let failed = "ActivityFailed"
    /// What a worker sends before it begins a task that has a timeout.
    static let started = "ActivityStarted"
    private static let taskCompleted = "TaskCompleted"
    private static let taskFailed = "TaskFailed"
    private static let lockGranted = "LockGranted"

    // MARK: Writing

    /// The answer that a worker of ours publishes. A result over the limit becomes a failure that says so.
    package static func publication(
        of outcome: TaskResult.Outcome,
        to task: TaskEnvelope,
        limits: Limits = Limits()
    ) -> RabbitMQPublication {
        let (type, body) = encode(outcome, limits: limits)
        return publication(type, body, to: task)
    }

    /// The notice that a worker has begun.
    static func publication(ofStartOf task: TaskEnvelope) -> RabbitMQPublication {
        publication(started, Payload.null.bytes, to: task)
    }

    private static func publication(_ type: String, _ body: [UInt8], to task: TaskEnvelope) -> RabbitMQPublication {
        var properties = RabbitMQProperties(
            contentType: CommandEnvelope.contentType,
            correlationID: task.correlation,
            type: type
        )
        properties.headers[Header.instance] = .string(task.task.instance.value)
        properties.headers[Header.token] = .string(task.token)
        return RabbitMQPublication(
            id: 0,
            routingKey: task.replyTo,
            message: RabbitMQMessage(properties: properties, body: body)
        )
    }

    /// The end of a sub-orchestration, or an entity's answer, on its way to the waiting task's partition.
    static func publication(of result: TaskResult, number: OutboundNumber, inbox: String, sender: String)
        -> RabbitMQPublication
    {
        var properties = RabbitMQProperties(
            contentType: CommandEnvelope.contentType,
            messageID: "\(sender).\(number)",
            type: type(of: result.outcome)
        )
        properties.name(result.instance)
        properties.headers[Header.token] = .string(result.token.description)
        let body: [UInt8] =
            switch result.outcome {
            case .completed(let payload): payload.bytes
            case .failed(let failure): FailureJSON.encode(failure)
            case .granted(let entities): Payload.strings(entities.map(\.description)).bytes
            case .started: Payload.null.bytes
            }
        return RabbitMQPublication(
            id: number.publicationID,
            routingKey: inbox,
            message: RabbitMQMessage(properties: properties, body: body)
        )
    }

    private static func type(of outcome: TaskResult.Outcome) -> String {
        switch outcome {
        case .completed: taskCompleted
        case .failed: taskFailed
        case .granted: lockGranted
        case .started: started
        }
    }

    private static func encode(_ outcome: TaskResult.Outcome, limits: Limits) -> (type: String, body: [UInt8]) {
        switch outcome {
        case .started, .granted:
            return (started, Payload.null.bytes)
        case .completed(let payload) where payload.bytes.count <= limits.bodyBytes:
            return (completed, payload.bytes)
        case .completed(let payload):
            return encode(.failed(.tooLarge("the result", payload.bytes.count, limits: limits)), limits: limits)
        case .failed(let failure):
            let body = FailureJSON.encode(failure)
            guard body.count > limits.bodyBytes else { return (failed, body) }
            // Its type is what retry policies and handlers look at, so that much is kept.
            let short = Failure(
                type: String(failure.type.prefix(200)),
                message: String(failure.message.prefix(2_000)),
                details: "the failure's description had \(body.count) bytes and was cut",
                isNonRetriable: failure.isNonRetriable
            )
            return (failed, FailureJSON.encode(short))
        }
    }

    // MARK: Reading

    /// Reads an answer from an inbox; `nil` when the message is of another type.
    ///
    /// With a token that can be read, whatever is wrong with the body becomes a failure of the task, so that its caller
    /// learns of it.
    static func readInbox(_ message: ReceivedMessage, limits: Limits) throws(Rejection) -> TaskResult? {
        let properties = message.properties
        guard let type = properties.type,
            [completed, failed, started, taskCompleted, taskFailed, lockGranted].contains(type)
        else { return nil }
        guard let token = TaskToken(try properties.requiredText(Header.token)) else {
            throw Rejection(.invalid, "the header '\(Header.token)' is not a token of this hub")
        }
        let instance = try properties.requiredInstance()
        let outcome: TaskResult.Outcome
        do {
            let payload = try message.payload(limits: limits)
            outcome =
                switch type {
                case completed, taskCompleted: .completed(payload)
                case started: .started
                case lockGranted: .granted(try entities(payload))
                default: .failed(FailureJSON.decode(payload, otherwise: failed))
                }
        } catch {
            outcome = .failed(Failure(unreadable: error))
        }
        return TaskResult(instance: instance, token: token, outcome: outcome)
    }

    private static func entities(_ payload: Payload) throws(Rejection) -> [EntityID] {
        do {
            return try JSONDecoder().decode([String].self, from: Data(payload.bytes)).map { try EntityID(parsing: $0) }
        } catch {
            throw Rejection(.invalid, "a granted lock does not say which entities it is over")
        }
    }

    // MARK: Tasks that came back

    /// The failure of a task that was dead-lettered from an activity's queue into the intake, for its partition's inbox;
    /// `nil` when the message is not one.
    package static func lostTask(
        _ message: ReceivedMessage,
        names: HubNames,
        partitionCount: Int
    ) throws(Rejection) -> (partition: PartitionNumber, message: RabbitMQMessage)? {
        let properties = message.properties
        guard let queue = properties.headers["x-first-death-queue"]?.stringValue,
            let activity = names.activity(ofQueue: queue) ?? names.activity(ofSuspects: queue)
        else { return nil }
        guard let replyTo = properties.replyTo, let partition = names.partition(ofInbox: replyTo),
            partition.value < partitionCount
        else {
            throw Rejection(.invalid, "a task of '\(activity)' came back, but its reply_to is not an inbox of this hub")
        }
        let token = try properties.requiredText(Header.token)
        guard TaskToken(token) != nil else {
            throw Rejection(.invalid, "a task of '\(activity)' came back, but its token is not one of this hub")
        }
        let instance = try properties.requiredInstance()
        let failure = Failure(
            type: Failure.Kind.workerLost,
            message: why(activity, reason: properties.headers["x-first-death-reason"]?.stringValue)
        )
        var answer = RabbitMQProperties(
            contentType: CommandEnvelope.contentType,
            correlationID: properties.correlationID,
            type: failed
        )
        answer.headers[Header.instance] = .string(instance.value)
        answer.headers[Header.token] = .string(token)
        return (partition, RabbitMQMessage(properties: answer, body: FailureJSON.encode(failure)))
    }

    private static func why(_ activity: String, reason: String?) -> String {
        switch reason {
        case "rejected": "a worker refused a task of '\(activity)' without an answer"
        case "expired": "no worker took a task of '\(activity)' in time"
        case "maxlen":
            "the queue of '\(activity)' dropped a task, since a policy (overflow: drop-head) limits its length"
        default:
            "no worker of '\(activity)' lived to answer: its worker died or gave the task back "
                + "\(QueueArguments.activityDeliveryLimit + 1) times, or as often as a policy on its queue allows"
        }
    }
}

extension Failure {
    static func tooLarge(_ what: String, _ size: Int, limits: Limits) -> Failure {
        Failure(
            type: Kind.tooLarge,
            message: "\(what) has \(size) bytes, the limit is \(limits.bodyBytes)",
            isNonRetriable: true
        )
    }
}
