import Reprise
import RepriseKernel

extension Partition {
    // MARK: Raising; the result is why it was refused

    func raise(
        _ name: String,
        _ payload: Payload,
        _ command: Command,
        _ delivery: InboundDelivery
    ) throws(JournalError) -> Rejection? {
        guard let instance = try instance(command.instance) else {
            guard command.isOrdered, !command.isInteractive else { return unknown(command.instance) }
            return hold(name, payload, command, delivery)
        }
        return try raise(name, payload, to: instance)
    }

    func raise(_ name: String, _ payload: Payload, to instance: LiveInstance) throws(JournalError) -> Rejection? {
        guard !instance.row.runtimeStatus.isEnded else { return ended(instance) }
        if let refusal = orchestrators[instance.row.name]?.refusal(of: name, payload) { return refusal }
        try activate(instance)
        // Activating may end it: its code may no longer fit its history.
        guard !instance.row.runtimeStatus.isEnded else { return ended(instance) }
        if !instance.takesNow(event: name), let refusal = instance.refusal(adding: payload, settings.limits) {
            return refusal
        }
        try deliverOrKeep(.eventRaised(name: name, payload), to: instance)
        return nil
    }

    // MARK: Events that came before their instance

    private func hold(
        _ name: String,
        _ payload: Payload,
        _ command: Command,
        _ delivery: InboundDelivery
    ) -> Rejection? {
        var row = HeldRow(
            position: 0,
            instance: command.instance,
            name: name,
            payload: payload,
            messageID: command.messageID,
            until: now + settings.holdUnknown,
            original: delivery.original.encoded()
        )
        guard held.count < settings.limits.heldEvents, held.bytes + row.size <= settings.limits.heldBytes else {
            return Rejection(
                .tooManyPending,
                """
                there is no instance '\(command.instance)', and \(held.count) events (\(held.bytes) bytes) already wait \
                for instances that do not exist: start an instance before you send it events
                """
            )
        }
        row.position = head.givePending()
        held.add(row)
        return nil
    }

    /// Delivers to a new instance what was held for it.
    func releaseHeld(to instance: LiveInstance) throws(JournalError) {
        for row in held.rows(for: instance.row.id) {
            held.remove(row)
            if let refusal = try raise(row.name, row.payload, to: instance) {
                deadLetter(DeadLetter(reason: refusal.reason, code: refusal.code, original: row.original))
            } else if let messageID = row.messageID {
                let key = DerivedIdentity.seenKey(
                    instance: row.instance,
                    kind: Command.Verb.event.rawValue,
                    messageID: messageID
                )
                accepted.remember(SeenRow(key: key, fingerprint: row.fingerprint, time: now))
            }
        }
    }

    /// The held event that this command repeats.
    func heldRow(of command: Command) -> HeldRow? {
        guard case .raiseEvent = command.action, let messageID = command.messageID else { return nil }
        return held.rows(for: command.instance).first { $0.messageID == messageID }
    }

    func expireHeld() throws(JournalError) {
        while let row = held.takeDue(at: now) {
            held.remove(row)
            deadLetter(
                DeadLetter(
                    reason: "no instance '\(row.instance)' was started within \(settings.holdUnknown) of this event",
                    code: .unknownInstance,
                    original: row.original
                )
            )
        }
    }
}

extension HeldRow {
    var fingerprint: UInt64 { Command.Action.raiseEvent(name: name, payload).fingerprint }
}
