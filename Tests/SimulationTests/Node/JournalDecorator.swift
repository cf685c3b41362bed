import RepriseEngine
import RepriseKernel

/// A journal that does what another does.
class JournalDecorator: PartitionJournal {
    let inner: any PartitionJournal

    init(_ inner: any PartitionJournal) { self.inner = inner }

    var identity: JournalIdentity { inner.identity }
    var format: Int { inner.format }
    func recover() throws(JournalError) -> RecoveredPartition { try inner.recover() }

    func commit(
        _ commit: JournalCommit,
        append: ((JournalChanges) throws(JournalError) -> Void)?
    ) throws(JournalError) { try inner.commit(commit, append: append) }

    func standing() throws(JournalError) -> JournalPosition { try inner.standing() }
    func apply(_ commits: [LoggedCommit]) throws(JournalError) { try inner.apply(commits) }
    func snapshot() throws(JournalError) -> any JournalSnapshot { try inner.snapshot() }
    func instance(_ id: InstanceID) throws(JournalError) -> InstanceRow? { try inner.instance(id) }
    func instance(key: InstanceKey) throws(JournalError) -> InstanceRow? { try inner.instance(key: key) }
    func history(last position: HistoryPosition, first: HistoryPosition) throws(JournalError) -> [HistoryRecord] {
        try inner.history(last: position, first: first)
    }
    func historyRow(at position: HistoryPosition) throws(JournalError) -> HistoryRow? {
        try inner.historyRow(at: position)
    }

    func historyRows(from position: HistoryPosition, limit: Int) throws(JournalError) -> [HistoryRow] {
        try inner.historyRows(from: position, limit: limit)
    }

    func pending(of key: InstanceKey) throws(JournalError) -> [PendingRow] { try inner.pending(of: key) }
    func seen(_ key: [UInt8]) throws(JournalError) -> SeenRow? { try inner.seen(key) }
    func seen(before time: Timestamp, limit: Int) throws(JournalError) -> [[UInt8]] {
        try inner.seen(before: time, limit: limit)
    }

    func instances(after cursor: InstanceKey, limit: Int) throws(JournalError) -> [InstanceRow] {
        try inner.instances(after: cursor, limit: limit)
    }

    func instanceCount() throws(JournalError) -> Int64 { try inner.instanceCount() }
    func tidy(idle: Bool) throws(JournalError) { try inner.tidy(idle: idle) }
    func close() { inner.close() }
}
