import RepriseEngine
import RepriseKernel

/// What the partitions have decided, from the log alone (without logs, from the journals' commits): what leaves them is
/// held against it.
final class Oracle {
    private struct Decision {
        var commit: CommitNumber
        /// Nil for what no history holds.
        var record: HistoryRecord?
    }

    unowned let hub: SimulatedHub
    private var folds: [Stream: LogFold] = [:]
    private var staged: [PartitionNumber: [UInt64: JournalCommit]] = [:]
    /// The newest commit.
    private var last: [PartitionNumber: CommitNumber] = [:]
    private var decided: [PartitionNumber: [OutboundNumber: Decision]] = [:]

    init(_ hub: SimulatedHub) { self.hub = hub }

    /// A partition is about to commit this; whether it does, the log will say.
    func staged(_ commit: JournalCommit, _ partition: PartitionNumber) {
        staged[partition, default: [:]][commit.head.checksum] = commit
    }

    /// Without a log, the disk says it.
    func committed(_ standing: JournalPosition, _ partition: PartitionNumber) { decide(standing, partition) }

    func logged(_ record: LogRecord, in stream: Stream) {
        if case .head(let head) = record { begin(stream, with: head.standing) }
        switch folds[stream]?.judge(record) {
        case .apply(let commit): decide(commit.standing, stream.partition)
        case .diverged(let reason): hub.complain("the log of partition \(stream.partition): \(reason)")
        case .fenced, .known, .late, .stranger, .sealed, .head, nil: break
        }
    }

    /// Seeded from a journal that was further than what is left of the log, or not as far, it has other timers: which, only its
    /// snapshot says.
    private func begin(_ stream: Stream, with standing: JournalPosition) {
        if standing.commit != last[stream.partition] ?? 0 { hub.dues[stream.partition] = nil }
        last[stream.partition] = standing.commit
        folds[stream] = LogFold(standing)
    }

    /// A log has lost its end: what is left is read again.
    func reread(_ stream: Stream, _ entries: [LogEntry]) {
        folds[stream] = nil
        for entry in entries {
            if let record = try? LogRecordCodec.decode(entry.bytes) { logged(record, in: stream) }
        }
        // Which of its timers the end had cleared, the journal knows that goes on without it.
        hub.dues[stream.partition] = nil
    }

    /// The broker has lost them all.
    func forgetLogs() { folds = [:] }

    private func decide(_ standing: JournalPosition, _ partition: PartitionNumber) {
        guard let commit = staged[partition]?[standing.checksum] else { return }
        hub.noteTimers(of: commit, partition)
        last[partition] = standing.commit
        for row in commit.history {
            guard let records = try? HistoryCodec.decode(row.records) else { continue }
            for (index, record) in records.filter(\.isOutbound).enumerated() {
                decided[partition, default: [:]][row.firstOutbound.advanced(by: Int64(index))] = Decision(
                    commit: standing.commit,
                    record: record
                )
            }
        }
        for row in commit.inline.written {
            decided[partition, default: [:]][row.number] = Decision(commit: standing.commit, record: nil)
        }
    }

    /// Nothing leaves before it is durable: in the log, and in the journal of the very node that sends it.
    func verify(_ outbound: Outbound, _ partition: PartitionNumber, _ node: SimulatedNode) {
        guard let decision = decided[partition]?[outbound.number] else {
            return hub.complain("message \(outbound.number) left before the commit that decided it")
        }
        if node.standings[partition]?.commit ?? 0 < decision.commit {
            hub.complain("message \(outbound.number) left before its commit \(decision.commit) was on disk")
        }
        guard let record = decision.record else { return }
        switch (outbound.message, record.event) {
        case (.task(let message), .taskScheduled(let task)) where message.task == task: break
        case (.status(let status), _) where status.version == record.version && status.time == record.time: break
        case (.command(let command), .messageSent(let sent))
        where command.action == sent.action && command.instance == sent.to:
            break
        case (.command(let command), .taskScheduled(let task)) where command.action.caller?.token.task == task.id: break
        case (.result(let result), .entityAnswered(let caller, let outcome))
        where result.token == caller.token && result.outcome == outcome:
            break
        case (.result(let result), .parentNotified(let parent)) where result.token == parent.token: break
        default: hub.complain("message \(outbound.number) is not what its commit decided: \(record.event.summary)")
        }
    }
}
