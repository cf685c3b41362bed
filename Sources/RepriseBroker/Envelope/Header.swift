import RabbitMQ
import RepriseEngine
import RepriseKernel

/// The headers of Reprise's messages. Their meaning is in the article `AMQP-Protocol`; their names never change.
enum Header {
    // On commands and everything about an instance.
    static let instance = "reprise-instance"
    static let name = "reprise-name"
    static let ordered = "reprise-ordered"
    static let interactive = "reprise-interactive"
    static let deadline = "reprise-deadline"
    static let isInternal = "reprise-internal"
    static let asksAgain = "reprise-again"
    static let passingKey = "reprise-passing-key"
    static let children = "reprise-children"
    static let grace = "reprise-grace"
    static let newInstance = "reprise-new-instance"

    // On starts.
    static let orchestratorVersion = "reprise-orchestrator-version"
    /// One header for each tag, its name behind this.
    static let tagPrefix = "reprise-tag-"
    static let startTime = "reprise-start-at"
    static let existing = "reprise-if-exists"
    static let event = "reprise-event"
    static let eventData = "reprise-event-data"
    static let customStatus = "reprise-custom-status"
    static let takesUp = "reprise-takes-up"

    // On requests of entities.
    static let lock = "reprise-lock"
    static let unlock = "reprise-unlock"
    static let section = "reprise-section"
    static let due = "reprise-due"

    // On messages whose result goes to a task.
    static let caller = "reprise-caller"
    static let callerToken = "reprise-caller-token"
    static let parent = "reprise-parent"
    /// What an answer is correlated by when `message_id` is taken: several senders may repeat one command at once.
    static let request = "reprise-request"

    // On tasks and their results.
    static let token = "reprise-token"
    /// The broker's own: how often the message was handed out before and came back; none at first.
    static let deliveryCount = "x-delivery-count"
    static let attempt = "reprise-attempt"
    static let scheduleToStart = "reprise-schedule-to-start"
    static let startToClose = "reprise-start-to-close"
    static let heartbeat = "reprise-heartbeat"
    static let progress = "reprise-progress"
    static let partition = "reprise-partition"
    static let epoch = "reprise-epoch"

    // On the progress of activities.
    static let activity = "reprise-activity"
    static let task = "reprise-task"

    // On status messages.
    static let incarnation = "reprise-incarnation"
    static let statusVersion = "reprise-status-version"
    /// The same, as earlier releases call it.
    static let version = "reprise-version"
    static let sequence = "reprise-sequence"
    static let time = "reprise-time"
    static let created = "reprise-created"

    // On dead letters and rejections.
    static let reason = "reprise-reason"
    static let code = "reprise-code"
    static let exchange = "reprise-exchange"
    static let routingKey = "reprise-routing-key"
    static let messageID = "reprise-message-id"
    static let replyTo = "reprise-reply-to"
    static let userID = "reprise-user-id"
    static let size = "reprise-size"
    static let hash = "reprise-hash"

    // On queries and their answers.
    static let count = "reprise-count"
    static let waitingFor = "reprise-waiting-for"
    static let history = "reprise-history"
    static let after = "reprise-after"
    static let limit = "reprise-limit"
    static let part = "reprise-part"
    static let parts = "reprise-parts"
}

extension RabbitMQProperties {
    /// A header's text; `nil` when there is none. A value that is not text is an error.
    func text(_ header: String) throws(Rejection) -> String? {
        switch headers[header] {
        case nil, .null: return nil
        case .string(let text): return text
        default: throw Rejection(.invalid, "the header '\(header)' must be a string in UTF-8")
        }
    }

    /// A header's whole number, from 0 to 2^53; decimal digits in a string count too, since some clients can only send
    /// strings.
    func number(_ header: String) throws(Rejection) -> Int64? {
        switch headers[header] {
        case nil, .null: return nil
        case .int(let value), .timestamp(let value):
            if let number = OutsideNumber(value) { return number.value }
        case .string(let text):
            if let number = OutsideNumber(text) { return number.value }
        default: break
        }
        throw Rejection(.invalid, "the header '\(header)' must be a whole number from 0 to 2^53")
    }

    /// How long the sender wants the broker to keep the message.
    func timeout() throws(Rejection) -> Duration? {
        guard let expiration else { return nil }
        guard let number = OutsideNumber(expiration) else {
            throw Rejection(.invalid, "the property 'expiration' must be a whole number of milliseconds")
        }
        return .milliseconds(number.value)
    }

    func flag(_ header: String) throws(Rejection) -> Bool {
        switch headers[header] {
        case nil, .null: return false
        case .bool(let value): return value
        case .string("true"): return true
        case .string("false"): return false
        default: throw Rejection(.invalid, "the header '\(header)' must be a boolean")
        }
    }

    func requiredText(_ header: String) throws(Rejection) -> String {
        guard let value = try text(header) else { throw Rejection(.invalid, "the header '\(header)' is missing") }
        return value
    }

    func requiredNumber(_ header: String) throws(Rejection) -> Int64 {
        guard let value = try number(header) else { throw Rejection(.invalid, "the header '\(header)' is missing") }
        return value
    }

    /// The instance a message is about: the header decides, since `correlation_id` ends at 255 bytes.
    func instance() throws(Rejection) -> InstanceID? {
        var text = try text(Header.instance)
        if text == nil, let correlation = correlationID, !correlation.isEmpty { text = correlation }
        guard let text else { return nil }
        do {
            return try InstanceID(entityOrInstance: text)
        } catch {
            throw Rejection(.invalid, error.reason)
        }
    }

    func requiredInstance() throws(Rejection) -> InstanceID {
        guard let instance = try instance() else {
            throw Rejection(
                .invalid,
                "the message names no instance: set correlation_id or the header '\(Header.instance)'"
            )
        }
        return instance
    }

    /// Names the instance in the header and, as far as it fits, in `correlation_id`.
    mutating func name(_ instance: InstanceID) {
        headers[Header.instance] = .string(instance.value)
        if instance.value.utf8.count <= Self.longestShortString { correlationID = instance.value }
    }

    /// AMQP's short strings end here.
    static let longestShortString = 255

    /// The sender's key, if it gave one.
    var key: String? { messageID.flatMap { $0.isEmpty ? nil : $0 } }

    /// Who waits for an answer, and how they will recognize it.
    ///
    /// Answers must not go to a hub's own queues: one in a journal's record would lock its partition out. Nor to what
    /// only looks like one of the broker's own addresses.
    var replyAddress: ReplyAddress? {
        guard let queue = replyTo, !queue.isEmpty, !HubNames.isReserved(queue), DirectReply.isUsable(queue) else {
            return nil
        }
        let request = headers[Header.request]?.stringValue.flatMap {
            $0.utf8.count <= Self.longestShortString ? $0 : nil
        }
        return ReplyAddress(queue: queue, correlation: request ?? key ?? correlationID)
    }
}
