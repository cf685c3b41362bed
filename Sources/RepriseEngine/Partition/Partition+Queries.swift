import Reprise
import RepriseKernel

extension Partition {
    /// Answers from what is committed.
    func answer(_ query: Query) throws(JournalError) -> Answer {
        switch query {
        case .status(let id, let wantsHistory):
            guard let row = try journal.instance(id) else { return .status(nil, history: []) }
            let history = wantsHistory ? try journal.history(of: row) : []
            var status = try status(of: row)
            // Only where its code is in memory: a query makes no code run.
            if wantsHistory { status.waitingFor = live.peek(id)?.session?.awaitedEvents }
            return .status(status, history: history)
        case .changes(let id, let version):
            guard let row = try journal.instance(id) else {
                return .rejected(Rejection(.unknownInstance, "there is no instance '\(id)'"))
            }
            return .changes(try changes(of: row, after: version))
        case .instances(let cursor, let limit):
            let limit = max(1, min(limit, 1000))
            let rows = try journal.instances(after: cursor, limit: limit)
            var page = InstancePage(statuses: [], next: nil, sequence: head.sequence)
            var bytes = 0
            for row in rows {
                let status = try status(of: row)
                bytes += status.input.bytes.count + status.output.bytes.count + status.customStatus.bytes.count + 200
                // A page is one message: it must fit, but one instance always does.
                if !page.statuses.isEmpty, bytes > settings.limits.bodyBytes / 2 { break }
                page.statuses.append(status)
                page.next = row.key
            }
            if page.statuses.count == rows.count, rows.count < limit { page.next = nil }
            return .instances(page)
        case .health:
            let instances = try instanceCount.value(journal)
            return .health(
                PartitionHealth(
                    partition: identity.partition,
                    node: settings.node,
                    journal: identity.id,
                    epoch: head.epoch,
                    commits: head.commit,
                    sequence: head.sequence,
                    instances: instances,
                    liveSessions: live.all.count { $0.session != nil },
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

    private func changes(of row: InstanceRow, after version: Int64) throws(JournalError) -> ChangePage {
        var page = ChangePage(status: try status(of: row), messages: [], next: nil)
        var bytes = 0
        for record in try journal.history(of: row) {
            guard let message = record.message(of: page.status), message.version > version else { continue }
            bytes += message.payload.bytes.count + 300
            // A page is one message: it must fit, but one change always does.
            guard page.messages.isEmpty || bytes <= settings.limits.bodyBytes / 2 else {
                page.next = page.messages.last?.version
                break
            }
            page.messages.append(message)
        }
        return page
    }

    func status(of row: InstanceRow) throws(JournalError) -> InstanceStatus {
        var input = Payload.null
        var traits = InstanceTraits()
        var customStatus = Payload.null
        var output = Payload.null
        var failure: Failure?
        for position in Set([row.firstPosition, row.customStatusPosition, row.endPosition]).subtracting([0]).sorted() {
            for record in try records(at: position) {
                switch record.event {
                case .executionScheduled(let start):
                    input = start.input
                    traits = start.traits
                case .executionStarted(let start):
                    input = start.input
                    traits = start.traits
                    if position == row.customStatusPosition { customStatus = start.customStatus }
                case .entityStored(let state): customStatus = state.state ?? .null
                case .customStatusSet(let value) where position == row.customStatusPosition: customStatus = value
                case .executionCompleted(let value): output = value
                case .executionTerminated(let reason): output = reason
                // A failure that was rewound lies beside what is still shown.
                case .executionFailed(let value) where position == row.endPosition:
                    failure = value
                    output = .string(value.description)
                default: break
                }
            }
        }
        return InstanceStatus(
            instance: row.id,
            name: row.name,
            incarnation: row.incarnation,
            version: row.version,
            runtimeStatus: row.runtimeStatus,
            input: input,
            customStatus: customStatus,
            output: output,
            failure: failure,
            createdTime: row.createdTime,
            lastUpdatedTime: row.lastUpdatedTime,
            partition: identity.partition,
            sequence: row.sequence,
            traits: traits
        )
    }

    private func records(at position: HistoryPosition) throws(JournalError) -> [HistoryRecord] {
        guard let row = try journal.historyRow(at: position) else { return [] }
        return try records(row)
    }
}
