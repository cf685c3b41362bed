/// A command to one instance, by AMQP, HTTP or the command line.
package struct Command: Equatable, Sendable {
    /// The verb of a command, as on the wire: the first word of a routing key, and a message's type.
    package enum Verb: String, CaseIterable, Sendable {
        case start, event, entity, cancel, terminate, suspend, resume, rewind, resend, restart, purge

        /// What it names besides the instance; nil for those that name nothing.
        package var named: String? {
            switch self {
            case .start: "orchestrator"
            case .event: "event"
            case .entity: "entity"
            case .cancel, .terminate, .suspend, .resume, .rewind, .resend, .restart, .purge: nil
            }
        }
    }

    package enum Action: Equatable, Sendable {
        case start(StartRequest)
        case raiseEvent(name: String, Payload)
        /// `children`: the sub-orchestrations that it waits for too, and theirs. `childOf`: only if this task started it.
        case terminate(reason: Payload, children: Bool, childOf: TaskAddress? = nil)
        /// Its code is told, and may clean up for the grace period: its type's own when nil. `children` and `childOf` as
        /// for a termination.
        case cancel(reason: Payload, grace: Duration? = nil, children: Bool = false, childOf: TaskAddress? = nil)
        case suspend(reason: Payload)
        case resume(reason: Payload)
        case rewind(reason: Payload)
        /// Sends again what it waits for, with the same keys and tokens.
        case resend
        /// A new start with the same name, input, version and tags: under another id, or in place of an ended instance.
        case restart(as: InstanceID?)
        /// `children`: every sub-orchestration that it called too, and theirs, where they have ended. `childOf`: only
        /// if this task started it.
        case purge(children: Bool, childOf: TaskAddress? = nil)
        /// Of entities only.
        case operate(EntityRequest)

        /// The task that waits for the result.
        package var caller: TaskAddress? {
            switch self {
            case .start(let request): request.parent
            case .operate(let request): request.caller
            case .raiseEvent, .cancel, .terminate, .suspend, .resume, .rewind, .resend, .restart, .purge: nil
            }
        }
    }

    package var instance: InstanceID
    package var action: Action
    /// The sender's idempotency key: the same key for the same instance and verb is the same command.
    package var messageID: String?
    /// When the command expires, by the owner's clock; a partition that reads it later refuses it rather than surprise
    /// anyone.
    package var deadline: Timestamp?
    /// How long the sender waits. The broker measures it, and then the owner from arrival on: the clocks of two
    /// machines are never compared.
    package var timeout: Duration?
    /// True when its key was generated for this one sending: it is not repeated once the sender has stopped waiting.
    package var hasPassingKey = false
    /// True when an instance sent it: no person waits for its outcome.
    package var isInternal: Bool
    /// True once the command has been through the intake, and so cannot be overtaken by a start sent before it.
    package var isOrdered: Bool
    /// True when the sender waits for the answer and handles a refusal itself, so that no dead letter is kept.
    package var isInteractive: Bool
    /// True when it was sent before, and the broker may have lost it or the answer: a receiver that has already had it
    /// answers again.
    package var asksAgain = false

    package init(
        instance: InstanceID,
        action: Action,
        messageID: String? = nil,
        deadline: Timestamp? = nil,
        timeout: Duration? = nil,
        isInternal: Bool = false,
        isOrdered: Bool = false,
        isInteractive: Bool = false
    ) {
        self.instance = instance
        self.action = action
        self.messageID = messageID
        self.deadline = deadline
        self.timeout = timeout
        self.isInternal = isInternal
        self.isOrdered = isOrdered
        self.isInteractive = isInteractive
    }
}

extension Command.Action {
    /// A start with only an orchestrator and an input.
    package static func start(orchestrator: String, input: Payload) -> Self {
        .start(StartRequest(orchestrator: orchestrator, input: input))
    }

    package static func terminate(reason: Payload) -> Self { .terminate(reason: reason, children: false) }

    package static var purge: Self { .purge(children: false) }

    package var verb: Command.Verb {
        switch self {
        case .start: .start
        case .raiseEvent: .event
        case .cancel: .cancel
        case .terminate: .terminate
        case .suspend: .suspend
        case .resume: .resume
        case .rewind: .rewind
        case .resend: .resend
        case .restart: .restart
        case .purge: .purge
        case .operate: .entity
        }
    }

    /// What it names besides the instance: an orchestrator, an event, an operation.
    package var name: String? {
        switch self {
        case .start(let request): request.orchestrator
        case .raiseEvent(let name, _): name
        case .operate(let request): if case .operation(let name, _) = request.kind { name } else { nil }
        case .cancel, .terminate, .suspend, .resume, .rewind, .resend, .restart, .purge: nil
        }
    }

    /// What a repeat must equal to count as the same command.
    package var fingerprint: UInt64 {
        var hash = FNV1a()
        func combine(_ name: String, _ payload: Payload) {
            hash.combine(name.utf8)
            hash.combine([0])
            hash.combine(payload.bytes)
        }
        func combine(_ parent: TaskAddress?) {
            guard let parent else { return }
            var writer = ByteWriter()
            writer.write(parent)
            hash.combine(writer.bytes)
        }
        switch self {
        case .start(let request):
            combine(request.orchestrator, request.input)
            request.combineOptions(into: &hash)
        case .raiseEvent(let name, let payload): combine(name, payload)
        case .terminate(let reason, let children, let parent):
            hash.combine(reason.bytes)
            if children { hash.combine([1]) }
            combine(parent)
        case .cancel:
            var writer = ByteWriter()
            writer.write(self)
            hash.combine(writer.bytes)
        case .suspend(let reason), .resume(let reason), .rewind(let reason): hash.combine(reason.bytes)
        case .resend: break
        case .restart(let id): if let id { hash.combine(id.value.utf8) }
        case .purge(let children, let parent):
            if children { hash.combine([1]) }
            combine(parent)
        case .operate(let request):
            var writer = ByteWriter()
            writer.write(request)
            hash.combine(writer.bytes)
        }
        return hash.value
    }
}

extension StartRequest {
    /// Nothing when there are no options, so that fingerprints of the first release stay the same.
    fileprivate func combineOptions(into hash: inout FNV1a) {
        var plain = StartRequest(orchestrator: orchestrator, input: input)
        plain.parent = parent
        plain.takesUp = takesUp
        guard self != plain else { return }
        var writer = ByteWriter()
        writer.write(self)
        hash.combine(writer.bytes)
    }
}

/// Why a command was refused: a code for programs, a sentence for people.
package struct Rejection: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        case unknownOrchestrator = "UnknownOrchestrator"
        case unknownInstance = "UnknownInstance"
        case unknownEntity = "UnknownEntity"
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
