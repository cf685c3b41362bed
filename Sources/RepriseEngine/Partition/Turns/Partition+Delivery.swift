import RepriseKernel

extension Partition {
    /// Applies an event now if the instance can take it, and otherwise keeps it durably until it can.
    func deliverOrKeep(_ event: HistoryEvent, to instance: LiveInstance) throws(JournalError) {
        guard !instance.row.runtimeStatus.isEnded else { return }
        guard instance.row.runtimeStatus != .suspended, instance.open?.isRegaining != true,
            let session = instance.session
        else { return postpone(event, for: instance) }
        switch event {
        case .taskCompleted(let id, _), .taskFailed(let id, _):
            guard session.isAwaiting(id) else { return dropUnawaited(id, event, of: instance) }
        case .timerFired(let id):
            guard session.isAwaiting(id) else { return }
        case .eventRaised(let name, _):
            guard session.isAwaiting(event: name) else { return postpone(event, for: instance) }
        default: break
        }
        try apply(event, to: instance)
    }

    /// The code no longer awaits it: the loser of a race, or an abandoned critical section.
    private func dropUnawaited(_ id: TaskID, _ event: HistoryEvent, of instance: LiveInstance) {
        if let open = instance.open, case .lock(let entities)? = open.tasks[id]?.target, case .taskCompleted = event {
            unlock(entities, id, open, instance)
        }
        dropProgress(of: id, instance)
        drop()
    }

    func postpone(_ event: HistoryEvent, for instance: LiveInstance) {
        let position = head.givePending()
        let record = HistoryCodec.encode(CollectionOfOne(HistoryRecord(event, time: now)))
        instance.pending.append(
            PendingEvent(position: position, event: event, size: record.count)
        )
        pending.add(PendingRow(position: position, instance: instance.row.key, record: record))
    }

    /// Applies what waits, oldest first, as far as the code takes it.
    func applyPending(to instance: LiveInstance) throws(JournalError) {
        while !instance.row.runtimeStatus.isEnded, instance.open?.isRegaining != true, let session = instance.session,
            let index = instance.pending.firstIndex(where: { session.takes($0.event) })
        {
            let waiting = instance.pending.remove(at: index)
            pending.remove(waiting.position)
            switch waiting.event {
            case .taskCompleted(let id, _), .taskFailed(let id, _):
                guard session.isAwaiting(id) else {
                    dropUnawaited(id, waiting.event, of: instance)
                    continue
                }
            case .timerFired(let id):
                guard session.isAwaiting(id) else { continue }
            default: break
            }
            try turn(waiting.event, of: instance)
        }
    }
}

extension Execution {
    /// Events wait until the code waits for them, and progress until its task ends; anything else is taken, or dropped as
    /// late.
    fileprivate func takes(_ event: HistoryEvent) -> Bool {
        if case .eventRaised(let name, _) = event { isAwaiting(event: name) } else { !event.isProgress }
    }
}
