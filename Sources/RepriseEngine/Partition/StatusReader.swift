import RepriseKernel

/// What the journal says of instances, as observers are told it.
struct StatusReader {
    let journal: any PartitionJournal
    let partition: PartitionNumber
    /// What a page may have, but for its first entry.
    let pageBytes: Int

    func changes(of row: InstanceRow, after version: Int64) throws(JournalError) -> ChangePage {
        var page = ChangePage(status: try status(of: row), messages: [], next: nil)
        var bytes = 0
        for record in try journal.history(of: row) {
            guard let message = record.message(of: page.status), message.version > version else { continue }
            bytes += message.payload.bytes.count + 300
            // A page is one message: it must fit, but one change always does.
            guard page.messages.isEmpty || bytes <= pageBytes else {
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
                case .executionTerminated(let reason), .executionCanceled(let reason, _): output = reason
                // A rewound failure is in the same row as what is still shown.
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
            partition: partition,
            sequence: row.sequence,
            traits: traits
        )
    }

    private func records(at position: HistoryPosition) throws(JournalError) -> [HistoryRecord] {
        guard let row = try journal.historyRow(at: position) else { return [] }
        return try row.decoded()
    }
}
