import RepriseKernel

extension Partition {
    /// Numbers what the batch decided, writes it, and returns what may leave now.
    func commit() throws(JournalError) -> Effects {
        var effects = Effects()
        guard !draft.isEmpty else {
            effects.answers = draft.answers
            effects.publish = draft.republish
            effects.withdrawn = draft.withdrawn
            effects.progress = publishedProgress()
            return effects
        }
        for instance in draft.touched where instance.row.id.isEntity { store(instance) }
        var commit = JournalCommit(progress: progress)
        for instance in draft.touched { write(instance, to: &commit, &effects) }
        for message in draft.inline { write(message, to: &commit, &effects) }
        for instance in draft.hidden {
            instance.row.hiddenThrough = progress.nextOutbound - 1
            commit.instances.removeAll { $0.key == instance.row.key }
            // First: only when the old row is hidden may a new one have its id.
            commit.instances.insert(instance.row, at: 0)
            hidden.append(instance.row)
            visibleInstances? -= 1
        }
        try deleteHidden(&commit)
        try deleteLeftHistory(&commit)
        commit.timersSet = draft.timersSet
        commit.timersCleared = draft.timersCleared
        commit.pendingAdded = draft.pendingAdded
        commit.pendingRemoved = draft.pendingRemoved
        commit.heldAdded = draft.heldAdded
        commit.heldRemoved = draft.heldRemoved
        commit.seen = draft.seen
        commit.seenForgotten = try forgotten()
        commit.inlineRemoved = draft.inlineRemoved
        commit.retries = draft.retries
        commit.retriesRemoved = draft.retriesRemoved
        commit.crashes = draft.crashes
        clearCrashes(&commit)

        progress.commit += 1
        progress.time = now
        progress.confirmedThrough = outbox.confirmedThrough
        progress.confirmedBeyond = outbox.confirmedBeyond
        progress.unconfirmedFrom = min(
            outbox.unconfirmedFrom(next: progress.nextPosition),
            left.first?.before ?? progress.nextPosition
        )
        let previous = progress.checksum
        progress.checksum = checksum(of: commit)
        commit.progress = progress
        try write(commit, after: previous)
        if draft.isTrial { marker.endTrial() }

        for instance in draft.touched {
            forgetProgress(of: instance)
            instance.appended = []
            instance.former = []
            instance.beginsGeneration = false
            instance.isTouched = false
            if instance.row.runtimeStatus.isEnded { forget(instance) }
        }
        effects.answers = draft.answers
        // What is tried again was said first, and what is said now may take it back: a child is started, then ended.
        effects.publish = draft.republish + effects.publish
        effects.withdrawn = draft.withdrawn
        effects.progress = publishedProgress()
        return effects
    }

    /// The log first, then the disk: what is on the disk is in the log.
    private func write(_ commit: JournalCommit, after previous: UInt64) throws(JournalError) {
        guard let log else { return try journal.commit(commit, append: nil) }
        try journal.commit(commit) { (changes: JournalChanges) throws(JournalError) in
            try log.append(changes, commit.progress, after: previous)
        }
    }

    private func write(_ instance: LiveInstance, to commit: inout JournalCommit, _ effects: inout Effects) {
        if instance.row.firstPosition == 0 { visibleInstances? += 1 }
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
        let position = progress.nextPosition
        progress.nextPosition += 1
        let firstOutbound = progress.nextOutbound
        let firstSequence = progress.sequence + 1
        var statuses: [Int64] = []
        for index in records.indices {
            let record = records[index]
            switch record.event {
            case .taskScheduled(var task) where task.key == ScheduledTask.keyToCome:
                task.key = TaskKey(progress.nextOutbound, life: life)
                records[index].event = .taskScheduled(task)
                // Only what is open still: it may have been given up, or belong to a generation that is over.
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
            case .executionCompleted, .executionFailed, .executionTerminated:
                instance.row.endPosition = position
            default: break
            }
            if record.version != nil {
                progress.sequence += 1
                if record.isOutbound { statuses.append(progress.nextOutbound) }
            }
            if record.isOutbound { progress.nextOutbound += 1 }
        }
        let previous = instance.row.lastPosition
        instance.row.lastPosition = position
        if beginsGeneration || instance.row.firstPosition == 0 { instance.row.firstPosition = position }
        if beginsGeneration, previous != 0 {
            left.append(
                LeftHistory(
                    history: FormerHistory(instance: instance.row.key, last: previous),
                    before: position,
                    through: firstOutbound - 1
                )
            )
        }
        instance.row.sequence = max(instance.row.sequence, progress.sequence)
        let row = HistoryRow(
            position: position,
            instance: instance.row.key,
            previous: previous,
            firstOutbound: firstOutbound,
            firstSequence: firstSequence,
            records: HistoryCodec.encode(records)
        )
        commit.history.append(row)
        outbox.add(firstOutbound..<progress.nextOutbound, position: position, statuses: statuses)
        effects.publish += outbound(of: instance.row, records, row)
        return records
    }

    private func write(_ message: InlineMessage, to commit: inout JournalCommit, _ effects: inout Effects) {
        var message = message
        var isStatus = false
        if case .purged(var news) = message {
            progress.sequence += 1
            news.sequence = progress.sequence
            message = .purged(news)
            isStatus = true
        }
        if case .command(let instance, let action, _) = message {
            message = .command(instance, action, life: life)
        }
        let number = progress.nextOutbound
        progress.nextOutbound += 1
        let bytes = InlineCodec.encode(message)
        inline[number] = bytes
        commit.inlineAdded.append(InlineRow(number: number, message: bytes))
        outbox.add(CollectionOfOne(number), position: 0, statuses: isStatus ? [number] : [])
        effects.publish.append(outbound(number, message))
    }

    /// Rows of hidden incarnations go once the broker has their last message: the watermark has passed it, and none of
    /// theirs waits to be tried again, since it would be read off their history.
    private func deleteHidden(_ commit: inout JournalCommit) throws(JournalError) {
        guard let first = hidden.first, isConfirmed(first) else { return }
        if retries.isEmpty { ownersByPosition = [:] }
        let awaited = retries.isEmpty ? [] : try retryOwners()
        // Each row of theirs goes through the log once more: a few at a time, the rest with the next commits.
        commit.deletedInstances = hidden.take(Self.deletedAtOnce, while: isConfirmed) { !awaited.contains($0.key) }
    }

    private func isConfirmed(_ row: InstanceRow) -> Bool { (row.hiddenThrough ?? .max) <= outbox.confirmedThrough }

    private static let deletedAtOnce = 32

    /// Whether a commit would delete something. Not while a message waits to be tried again: it may be of the very history,
    /// and its outcome brings a commit.
    var hasDeletable: Bool {
        if isForgetting { return true }
        guard retries.isEmpty else { return false }
        return hidden.first.map(isConfirmed) == true || left.first.map { $0.through <= outbox.confirmedThrough } == true
    }

    /// Once an hour of recorded time begins what the commits after it go on with: an hour's worth in one would be a commit,
    /// and a record of the log, of any size.
    private func forgotten() throws(JournalError) -> [[UInt8]] {
        if !isForgetting {
            guard clock.slowest > forgottenAt + .seconds(3600) else { return [] }
            forgottenAt = clock.slowest
        }
        let keys = try journal.seen(
            before: forgottenAt + (.zero - settings.rememberCommands),
            limit: Self.forgottenAtOnce
        )
        isForgetting = keys.count == Self.forgottenAtOnce
        // One that this very batch has accepted again is as new as that.
        let accepted = Set(draft.seen.map(\.key))
        return keys.filter { !accepted.contains($0) }
    }

    /// More than a batch accepts, so that they never gather.
    private static let forgottenAtOnce = 512

    private func checksum(of commit: JournalCommit) -> UInt64 {
        var hash = FNV1a()
        hash.combine(progress.checksum)
        hash.combine(UInt64(bitPattern: progress.commit))
        // Two owners' first commits hold nothing that differs but these.
        hash.combine(UInt64(bitPattern: progress.epoch))
        hash.combine(UInt64(bitPattern: progress.time.milliseconds))
        for row in commit.history {
            hash.combine(UInt64(bitPattern: row.position))
            hash.combine(UInt64(bitPattern: row.instance))
            // The row's own checksum, which its encoding ends with, stands for its bytes.
            hash.combine(row.records.suffix(8))
        }
        for row in commit.instances {
            hash.combine(UInt64(bitPattern: row.key))
            hash.combine(UInt64(bitPattern: row.version))
        }
        return hash.value
    }
}
