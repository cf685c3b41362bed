import RepriseEngine
import RepriseKernel

/// The journal of one partition of a ``TestHub``: in memory, and without a log.
final class HubJournal: PartitionJournal {
    let identity: JournalIdentity
    let format = 1
    private var tables = JournalTables()

    init(hub: HubName, partition: PartitionNumber, of count: Int) {
        identity = JournalIdentity(
            id: "memory-\(partition)",
            hub: hub,
            partition: partition,
            partitionCount: count
        )
    }

    func recover() throws(JournalError) -> RecoveredPartition { tables.recovered }

    func commit(
        _ commit: JournalCommit,
        append: ((JournalChanges) throws(JournalError) -> Void)?
    ) throws(JournalError) {
        if append != nil { throw JournalError(.failed, "a journal in memory keeps no log") }
        if let breach = tables.breach(of: commit) { throw JournalError(.failed, breach) }
        tables.apply(commit)
    }

    func standing() throws(JournalError) -> JournalPosition { JournalPosition(tables.head) }

    func apply(_ commits: [LoggedCommit]) throws(JournalError) {
        throw JournalError(.failed, "a journal in memory follows no log")
    }

    func snapshot() throws(JournalError) -> any JournalSnapshot {
        throw JournalError(.failed, "a journal in memory has no file")
    }

    func instance(_ id: InstanceID) throws(JournalError) -> InstanceRow? {
        tables.visible[id].flatMap { tables.instances[$0] }
    }

    func instance(key: InstanceKey) throws(JournalError) -> InstanceRow? { tables.instances[key] }

    func history(last position: HistoryPosition, first: HistoryPosition) throws(JournalError) -> [HistoryRecord] {
        try tables.history(last: position, first: first)
    }

    func historyRow(at position: HistoryPosition) throws(JournalError) -> HistoryRow? {
        tables.historyRow(at: position)
    }

    func historyRows(from position: HistoryPosition, limit: Int) throws(JournalError) -> [HistoryRow] {
        tables.historyRows(from: position, limit: limit)
    }

    func pending(of key: InstanceKey) throws(JournalError) -> [PendingRow] { tables.pending(of: key) }
    func seen(_ key: [UInt8]) throws(JournalError) -> SeenRow? { tables.seen[key] }
    func seen(before time: Timestamp, limit: Int) throws(JournalError) -> [[UInt8]] {
        tables.seen(before: time, limit: limit)
    }

    func instances(after cursor: InstanceKey, limit: Int) throws(JournalError) -> [InstanceRow] {
        tables.instances(after: cursor, limit: limit)
    }

    func instanceCount() throws(JournalError) -> Int64 { Int64(tables.visible.count) }
    func tidy(idle: Bool) throws(JournalError) {}
    func close() {}
}
