import Logging
import Reprise
import RepriseKernel

extension Partition {
    func receive(_ command: Command, _ delivery: InboundDelivery) throws(JournalError) {
        let key = Self.key(of: command)
        if let key, let fingerprint = try accepted.row(key, journal)?.fingerprint ?? heldRow(of: command)?.fingerprint {
            if fingerprint == command.action.fingerprint {
                try answerAgain(command)
                return accept(command, delivery)
            }
            let why = "another \(command.action.verb) with this message id was accepted before"
            return refuse(command, delivery, Rejection(.conflictingKey, why))
        }
        guard !isTooLate(command, delivery) else {
            let why = "the sender's deadline had passed when the partition read the command"
            return refuse(command, delivery, Rejection(.expired, why))
        }
        guard command.instance.isEntity == command.action.isOperation || command.action == .resend else {
            let what = command.instance.isEntity ? "an entity takes only operations" : "only an entity takes operations"
            return refuse(command, delivery, Rejection(.invalid, what))
        }
        var count: Int?
        let refusal: Rejection?
        switch command.action {
        case .start(let request): refusal = try start(request, as: command)
        case .raiseEvent(let name, let payload): refusal = try raise(name, payload, command, delivery)
        case .terminate(let reason, let children, let parent):
            refusal = try terminate(command.instance, reason, children: children, of: parent)
        case .cancel(let reason, let grace, let children, let parent):
            refusal = try cancel(command.instance, reason, grace: grace, children: children, of: parent)
        case .suspend(let reason): refusal = try suspend(command.instance, reason)
        case .resume(let reason): refusal = try resume(command.instance, reason)
        case .rewind(let reason): refusal = try rewind(command.instance, reason)
        case .resend:
            let sent = try resend(command.instance)
            count = sent.count
            refusal = sent.refusal
        case .restart(let id): refusal = try restart(command.instance, as: id, command)
        case .purge(let children, let parent): refusal = try purge(command.instance, children: children, of: parent)
        case .operate(let request): refusal = try operate(request, on: command.instance)
        }
        if let refusal {
            // Its task has failed with that: a later copy that would be accepted must not be.
            if command.action.caller != nil { remember(command) }
            return refuse(command, delivery, refusal)
        }
        // A held event may still become a dead letter and then be sent again: its row is enough to remember it by.
        if heldRow(of: command) == nil { remember(command) }
        accept(command, delivery, count: count)
    }

    private static func key(of command: Command) -> [UInt8]? {
        command.messageID.map {
            DerivedIdentity.seenKey(instance: command.instance, kind: command.action.verb.rawValue, messageID: $0)
        }
    }

    func remember(_ command: Command) {
        guard let key = Self.key(of: command) else { return }
        let time = now + (memory(of: command) - settings.rememberCommands)
        accepted.remember(SeenRow(key: key, fingerprint: command.action.fingerprint, time: time))
    }

    /// How long to remember its key: the broker drops what no one waits for.
    private func memory(of command: Command) -> Duration {
        guard command.hasPassingKey, let timeout = command.timeout else { return settings.rememberCommands }
        return min(timeout + settings.rememberPassingKeys, settings.rememberCommands)
    }

    private func isTooLate(_ command: Command, _ delivery: InboundDelivery) -> Bool {
        // The sender's clock against ours. Either of ours may be ahead by mistake, so both must agree.
        if let deadline = command.deadline, min(now, environment.wallClock()) > deadline { return true }
        guard let timeout = command.timeout, let arrived = delivery.arrived else { return false }
        return environment.steadyClock() - arrived > timeout
    }

    private func accept(_ command: Command, _ delivery: InboundDelivery, count: Int? = nil) {
        let instance = if case .restart(let id?) = command.action { id } else { command.instance }
        guard let address = delivery.replyTo else { return }
        if let count { return batch.answer(address, .counted(instance, count)) }
        var awaited: [String]?
        if case .raiseEvent(let name, _) = command.action { awaited = live.peek(instance)?.awaitedInstead(of: name) }
        batch.answer(address, .accepted(instance, waitingFor: awaited ?? []))
    }

    /// Tells all waiters: the sender of the command, and the task that was to have its result.
    private func refuse(_ command: Command, _ delivery: InboundDelivery, _ refusal: Rejection) {
        let isHandled = answerCaller(of: command, refusal)
        reject(delivery, refusal, keep: !command.isInteractive && !isHandled)
    }

    /// Answers, and keeps the message for people unless its sender is told and can handle it.
    func reject(_ delivery: InboundDelivery, _ rejection: Rejection, keep: Bool) {
        observe { $0.refused(rejection.code) }
        if let address = delivery.replyTo { batch.answer(address, .rejected(rejection)) }
        if keep {
            deadLetter(
                DeadLetter(reason: rejection.reason, code: rejection.code, original: delivery.original.encoded())
            )
        }
    }

    func deadLetter(_ letter: DeadLetter) {
        inline.send(.deadLetter(letter))
        if let warning = troubles.warning(of: letter.code, letter.reason, at: now) { logger.warning("\(warning)") }
    }

    func unknown(_ id: InstanceID) -> Rejection { Rejection(.unknownInstance, "there is no instance '\(id)'") }

    func ended(_ instance: LiveInstance) -> Rejection {
        Rejection(.ended, "instance '\(instance.row.id)' has ended: \(instance.row.runtimeStatus.rawValue)")
    }
}

extension Command.Action {
    fileprivate var isOperation: Bool { if case .operate = self { true } else { false } }
}
