import RepriseEngine
import RepriseKernel

/// A journal that breaks one promise.
final class FlawedJournal: JournalDecorator {
    private let flaw: Flaw
    private let process: SimulatedProcess

    init(_ inner: any PartitionJournal, _ flaw: Flaw, _ process: SimulatedProcess) {
        self.flaw = flaw
        self.process = process
        super.init(inner)
    }

    override func commit(
        _ commit: JournalCommit,
        append: ((JournalChanges) throws(JournalError) -> Void)?
    ) throws(JournalError) {
        var commit = commit
        if flaw == .losesPendingEvents { commit.pending.written = [] }
        if flaw == .keepsNoProgress {
            commit.pending.written.removeAll { row in
                (try? HistoryCodec.decode(row.record).first?.event.isProgress) ?? false
            }
        }
        if flaw == .keepsOldGenerations { commit.deletedHistory = [] }
        if flaw == .publishesBeforeCommit { try publishTasks(of: commit) }
        if flaw == .logsNoSeenRows {
            for row in commit.seen.written {
                process.node.unloggedSeen[identity.partition, default: [:]][row.key] = row
            }
            commit.seen.written = []
        }
        try inner.commit(commit, append: append)
    }

    override func seen(_ key: [UInt8]) throws(JournalError) -> SeenRow? {
        switch flaw {
        case .forgetsWhatItHasSeen: nil
        case .logsNoSeenRows: try inner.seen(key) ?? process.node.unloggedSeen[identity.partition]?[key]
        default: try inner.seen(key)
        }
    }

    override func recover() throws(JournalError) -> RecoveredPartition {
        var recovered = try inner.recover()
        if flaw == .forgetsTimers { recovered.timers = [] }
        if flaw == .takesAWipedBrokerForTheOld {
            recovered.head.epoch = recovered.head.epoch.advanced(by: JournalPosition.epochsOfALostLog)
        }
        if flaw == .cutsCleanUpsShort {
            for index in recovered.timers.indices {
                if case .instance(_, .grace) = recovered.timers[index].subject { recovered.timers[index].due = .zero }
            }
        }
        if flaw == .forgetsItsOwnTimers {
            recovered.timers.removeAll { timer in
                switch timer.subject {
                case .instance(_, .task), .resending: false
                case .instance: true
                }
            }
        }
        return recovered
    }

    override func historyRow(at position: HistoryPosition) throws(JournalError) -> HistoryRow? {
        var row = try inner.historyRow(at: position)
        guard flaw == .forgetsLocks, let known = row, var records = try? HistoryCodec.decode(known.records) else {
            return row
        }
        for index in records.indices {
            guard case .entityStored(var state) = records[index].event else { continue }
            state.section = nil
            records[index].event = .entityStored(state)
        }
        row?.records = HistoryCodec.encode(records)
        return row
    }

    override func apply(_ commits: [LoggedCommit]) throws(JournalError) {
        guard flaw == .omitsConflicts, let damage = process.node.damage, damage.partition == identity.partition else {
            return try inner.apply(commits)
        }
        // What SQLite does when a conflict's answer is OMIT: the row that was there stays, everything else is applied.
        process.node.removeDamage()
        try inner.apply(commits)
        process.node.restore(damage)
    }

    private func publishTasks(of commit: JournalCommit) throws(JournalError) {
        guard let link = process.contenders[identity.partition.value].link else { return }
        for row in commit.history {
            guard let instance = commit.instances.first(where: { $0.key == row.instance }),
                let records = try? HistoryCodec.decode(row.records)
            else { continue }
            for (index, record) in records.filter(\.isOutbound).enumerated() {
                guard case .taskScheduled(let task) = record.event else { continue }
                let message = TaskMessage(instance: instance.id, incarnation: instance.incarnation, task: task)
                let number = row.firstOutbound.advanced(by: Int64(index))
                link.publish([Outbound(number: number, epoch: commit.head.epoch, message: .task(message))])
            }
        }
    }
}

/// Entries as a reader would see them to which a fence means nothing: an older owner's commit that came after it goes first.
enum LateFirst {
    static func reorder(_ entries: [LogEntry]) -> [LogEntry] {
        var entries = entries
        for index in entries.indices.dropFirst() {
            var place = index
            while place > 0, case .fence(let epoch, _, _)? = try? LogRecordCodec.decode(entries[place - 1].bytes),
                case .commit(let commit)? = try? LogRecordCodec.decode(entries[place].bytes),
                commit.standing.epoch < epoch
            {
                entries.swapAt(place, place - 1)
                place -= 1
            }
        }
        return entries
    }
}
