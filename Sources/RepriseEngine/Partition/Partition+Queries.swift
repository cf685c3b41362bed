import Reprise
import RepriseKernel

extension Partition {
    var statuses: StatusReader {
        StatusReader(journal: journal, partition: identity.partition, pageBytes: settings.limits.bodyBytes / 2)
    }

    /// Answers from what is committed.
    func answer(_ query: Query) throws(JournalError) -> Answer {
        switch query {
        case .status(let id, let wantsHistory):
            guard let row = try journal.instance(id) else { return .status(nil, history: []) }
            let history = wantsHistory ? try journal.history(of: row) : []
            var status = try statuses.status(of: row)
            // Only if its code is in memory: a query does not run code.
            status.waitingFor = live.peek(id)?.session?.awaitedEvents
            status.unreadEvents = try journal.unreadEvents(of: row)
            return .status(status, history: history)
        case .changes(let id, let version):
            guard let row = try journal.instance(id) else {
                return .rejected(Rejection(.unknownInstance, "there is no instance '\(id)'"))
            }
            return .changes(try statuses.changes(of: row, after: version))
        case .instances(let cursor, let limit):
            let limit = max(1, min(limit, 1000))
            let rows = try journal.instances(after: cursor, limit: limit)
            var page = InstancePage(statuses: [], next: nil, sequence: head.sequence)
            var bytes = 0
            for row in rows {
                let status = try statuses.status(of: row)
                bytes += status.input.bytes.count + status.output.bytes.count + status.customStatus.bytes.count + 200
                // A page is one message: it must fit, but one instance always does.
                if !page.statuses.isEmpty, bytes > statuses.pageBytes { break }
                page.statuses.append(status)
                page.next = row.key
            }
            if page.statuses.count == rows.count, rows.count < limit { page.next = nil }
            return .instances(page)
        case .health:
            return .health(
                PartitionHealth(
                    partition: identity.partition,
                    node: settings.node,
                    journal: identity.id,
                    epoch: head.epoch,
                    commits: head.commit,
                    sequence: head.sequence,
                    instances: try instanceCount.value(journal),
                    liveSessions: live.all.count { $0.session != nil },
                    awaitingEvents: live.all.count { $0.session?.awaitedEvents.isEmpty == false },
                    unconfirmed: outbox.unconfirmedCount,
                    retrying: retries.count,
                    retryReason: retries.reason,
                    armedTimers: timers.count,
                    droppedResults: head.droppedResults,
                    changedInputs: changedInputs.count,
                    work: work.work,
                    clockDifference: clock.difference
                )
            )
        }
    }
}
