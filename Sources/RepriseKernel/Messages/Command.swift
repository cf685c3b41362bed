/// What somebody asks of one instance, by AMQP, HTTP or the command line.
package struct Command: Equatable, Sendable {
    package enum Action: Equatable, Sendable {
        case start(orchestrator: String, input: Payload)
        case raiseEvent(name: String, Payload)
        case terminate(reason: Payload)
        case suspend(reason: Payload)
        case resume(reason: Payload)
        case rewind(reason: Payload)
        case purge
    }

    package var instance: InstanceID
    package var action: Action
    /// The sender's idempotency key: the same key for the same instance and kind is the same command.
    package var messageID: String?
    /// When the sender will have stopped waiting; a partition that reads it later refuses instead of surprising.
    package var deadline: Timestamp?
    /// True once the command has been through the intake, and so cannot be overtaken by a start sent before it.
    package var isOrdered: Bool
    /// True when the sender waits for the answer and deals with a refusal itself, so that no dead letter is kept.
    package var isInteractive: Bool

    package init(
        instance: InstanceID,
        action: Action,
        messageID: String? = nil,
        deadline: Timestamp? = nil,
        isOrdered: Bool = false,
        isInteractive: Bool = false
    ) {
        self.instance = instance
        self.action = action
        self.messageID = messageID
        self.deadline = deadline
        self.isOrdered = isOrdered
        self.isInteractive = isInteractive
    }
}

extension Command.Action {
    /// The wire's word for the action: the first word of its routing key.
    package var kind: String {
        switch self {
        case .start: "start"
        case .raiseEvent: "event"
        case .terminate: "terminate"
        case .suspend: "suspend"
        case .resume: "resume"
        case .rewind: "rewind"
        case .purge: "purge"
        }
    }

    /// What a repeat must equal to count as the same command.
    package var fingerprint: UInt64 {
        var hash = FNV1a()
        switch self {
        case .start(let name, let payload), .raiseEvent(let name, let payload):
            hash.combine(name.utf8)
            hash.combine([0])
            hash.combine(payload.bytes)
        case .terminate(let reason), .suspend(let reason), .resume(let reason), .rewind(let reason):
            hash.combine(reason.bytes)
        case .purge:
            break
        }
        return hash.value
    }
}

/// Why a command was refused: a code for programs, a sentence for people.
package struct Rejection: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        case unknownOrchestrator = "UnknownOrchestrator"
        case unknownInstance = "UnknownInstance"
        case alreadyExists = "AlreadyExists"
        case ended = "Ended"
        case notEnded = "NotEnded"
        case alreadySuspended = "AlreadySuspended"
        case notSuspended = "NotSuspended"
        case notFailed = "NotFailed"
        case notRewindable = "NotRewindable"
        case conflictingKey = "ConflictingKey"
        case tooManyPending = "TooManyPending"
        case expired = "Expired"
        case invalid = "Invalid"
        case tooLarge = "TooLarge"
    }

    package var code: Code
    package var reason: String

    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    package var description: String { reason }
}
