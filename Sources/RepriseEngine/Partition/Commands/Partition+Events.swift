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
        if !instance.takesNow(event: name), let refusal = full(instance, adding: payload) { return refusal }
        try deliverOrKeep(.eventRaised(name: name, payload), to: instance)
        return nil
    }

    /// Why nothing more may wait for an instance: everything that waits is in memory, and is loaded again after a
    /// restart.
    func full(_ instance: LiveInstance, adding payload: Payload) -> Rejection? {
        let limits = settings.limits
        let (id, count, bytes) = (instance.row.id, instance.pending.count, payload.bytes.count)
        if count >= limits.pendingEvents {
            return Rejection(.tooManyPending, "\(count) events or requests already wait for '\(id)'")
        }
        if instance.pending.bytes + bytes > limits.pendingBytes {
            return Rejection(
                .tooManyPending,
                """
                events or requests with \(instance.pending.bytes) bytes already wait for '\(id)', of at most \
                \(limits.pendingBytes) bytes
                """
            )
        }
        if waitingBytes.sum + bytes > limits.partitionPendingBytes {
            return Rejection(
                .tooManyPending,
                """
                events or requests of \(waitingBytes.sum) bytes already wait for instances of this partition, of at most \
                \(limits.partitionPendingBytes) bytes
                """
            )
        }
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
