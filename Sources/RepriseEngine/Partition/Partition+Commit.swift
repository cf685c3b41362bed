import RepriseKernel

extension Partition {
    /// Numbers what the batch decided, writes it, and returns what may leave now.
    func commit() throws(JournalError) -> Effects {
        var effects = Effects()
        for instance in live.touched where instance.row.id.isEntity { store(instance) }
        var commit = takeChanges()
        let touched = live.takeTouched()
        guard batch.isNeeded || !touched.isEmpty || inline.hasDecided || hidden.hasFresh || !commit.isEmpty else {
            letOut(&effects)
            return effects
        }
        let firstOutbound = head.nextOutbound
        for instance in touched { write(instance, to: &commit, &effects) }
        for message in inline.takeDecided() { write(message, to: &commit, &effects) }
        let vanished = hidden.takeFresh(through: head.nextOutbound.previous, into: &commit)
        instanceCount.add(-vanished)
        try delete(&commit)

        let previous = head.checksum
        head.advance(at: now, outbox, left: left.firstBefore, commit)
        commit.head = head
        let events = touched.reduce(0) { $0 + $1.appended.count + $1.former.reduce(0) { $0 + $1.0.count } }
        let began = environment.steadyClock()
        try write(commit, after: previous)
        let took = environment.steadyClock() - began
        let messages = firstOutbound.distance(to: head.nextOutbound)
        observe { $0.committed(ObservedCommit(events: events, messages: messages, took: took)) }
        if batch.isTrial { marker.endTrial() }

        for instance in touched {
            forgetProgress(of: instance)
            instance.appended = []
            instance.former = []
            instance.beginsGeneration = false
            instance.isTouched = false
            if instance.row.runtimeStatus.isEnded { forget(instance) }
        }
        letOut(&effects)
        return effects
    }

    private func letOut(_ effects: inout Effects) {
        effects.answers = batch.answers
        // What is retried was sent first, and what is sent now may revoke it: a child is started, then ended.
        effects.publish = batch.republish + effects.publish
        effects.withdrawn = batch.withdrawn
        effects.resumed = batch.resumed
        effects.progress = reported.takeMessages()
    }

    /// The log first, then the disk: what is on the disk is in the log.
    private func write(_ commit: JournalCommit, after previous: UInt64) throws(JournalError) {
        guard let log else { return try journal.commit(commit, append: nil) }
        try journal.commit(commit) { (changes: JournalChanges) throws(JournalError) in
            try log.append(changes, commit.head, after: previous)
        }
    }

    private func write(_ instance: LiveInstance, to commit: inout JournalCommit, _ effects: inout Effects) {
        if instance.row.firstPosition == 0 { instanceCount.add(1) }
        for (records, beginsGeneration) in instance.former {
            _ = write(records, beginsGeneration: beginsGeneration, of: instance, to: &commit, &effects)
        }
        if !instance.appended.isEmpty {
            instance.appended = write(
                instance.appended,
                beginsGeneration: instance.beginsGeneration,
                of: instance,
                to: &commit,
                &effects
            )
        }
        commit.instances.append(instance.row)
    }

    /// One history row; gives its records as they were written.
    private func write(
        _ records: [HistoryRecord],
        beginsGeneration: Bool,
        of instance: LiveInstance,
        to commit: inout JournalCommit,
        _ effects: inout Effects
    ) -> [HistoryRecord] {
        var records = records
        let position = head.givePosition()
        let firstOutbound = head.nextOutbound
        let firstSequence = head.sequence.next
        var statuses: [OutboundNumber] = []
        for index in records.indices {
            let record = records[index]
            switch record.event {
            case .taskScheduled(var task) where task.key == ScheduledTask.keyToCome:
                task.key = TaskKey(head.nextOutbound, life: life)
                records[index].event = .taskScheduled(task)
                // Only what is still open: it may have been given up, or belong to a generation that is over.
                if instance.open?.tasks[task.id] != nil { instance.open?.fold(records[index].event) }
            case .messageSent(var message) where message.id.value == 0:
                message.life = life
                records[index].event = .messageSent(message)
            case .customStatusSet(let status):
                instance.row.customStatusPosition = status.isNull ? 0 : position
            case .executionStarted(let start):
                instance.row.customStatusPosition = start.customStatus.isNull ? 0 : position
            case .entityStored(let state):
                instance.row.customStatusPosition = state.state == nil ? 0 : position
            case .executionCompleted, .executionFailed, .executionCanceled, .executionTerminated:
                instance.row.endPosition = position
            default: break
            }
            if record.version != nil { _ = head.giveSequence() }
            if record.isOutbound {
                let number = head.giveOutbound()
                if record.version != nil { statuses.append(number) }
            }
        }
        let previous = instance.row.lastPosition
        instance.row.lastPosition = position
        if beginsGeneration || instance.row.firstPosition == 0 { instance.row.firstPosition = position }
        if beginsGeneration, previous != 0 {
            left.leave(
                FormerHistory(instance: instance.row.key, last: previous),
                before: position,
                through: firstOutbound.previous
            )
        }
        instance.row.sequence = max(instance.row.sequence, head.sequence)
        let row = HistoryRow(
            position: position,
            instance: instance.row.key,
            previous: previous,
            firstOutbound: firstOutbound,
            firstSequence: firstSequence,
            records: HistoryCodec.encode(records)
        )
        commit.history.append(row)
        outbox.add(firstOutbound..<head.nextOutbound, position: position, statuses: statuses)
        effects.publish += maker.messages(of: instance.row, records, row)
        return records
    }

    private func write(_ message: InlineMessage, to commit: inout JournalCommit, _ effects: inout Effects) {
        var message = message
        var isStatus = false
        if case .purged(var notice) = message {
            notice.sequence = head.giveSequence()
            message = .purged(notice)
            isStatus = true
        }
        if case .command(let instance, let action, _) = message {
            message = .command(instance, action, life: life)
        }
        let number = head.giveOutbound()
        inline.add(message, number: number, to: &commit)
        outbox.add(CollectionOfOne(number), position: 0, statuses: isStatus ? [number] : [])
        effects.publish.append(maker.message(number, message))
    }
}
