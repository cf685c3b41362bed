import RepriseEngine
import RepriseKernel
import RepriseTesting

/// A journal in memory: what was committed lies in a value that outlives the partition.
///
/// A crash is: drop the `Partition`, keep this. A commit may be given another fate than to be kept; what breaks the
/// contract is written down in ``breaches`` and refused.
class MemoryJournal: PartitionJournal {
    enum Fate {
        case kept
        /// The disk is full: nothing is applied, and the process lives.
        case full
        /// The process dies before the commit is on disk.
        case lost
        /// The process dies after it, and never hears so.
        case unheard
    }

    let identity: JournalIdentity
    var state = JournalTables()
    /// Instances whose rows cannot be read.
    var unreadable: Set<InstanceKey> = []
    /// The fate of the next commit; kept again after it.
    var fate = Fate.kept
    private(set) var breaches: [String] = []

    init(partition: Int = 0, of count: Int = 1) throws {
        identity = JournalIdentity(
            id: "journal-\(partition)",
            hub: try HubName("simulated"),
            partition: PartitionNumber(partition),
            partitionCount: count
        )
    }

    func recover() throws(JournalError) -> RecoveredPartition { state.recovered }

    let format = 1

    /// The log is SQLite's: see the simulation of whole hubs, which has the real journal.
    func commit(
        _ commit: JournalCommit,
        append: ((JournalChanges) throws(JournalError) -> Void)?
    ) throws(JournalError) {
        if append != nil { throw JournalError(.failed, "a journal in memory keeps no log") }
        try self.commit(commit)
    }

    func standing() throws(JournalError) -> JournalPosition { JournalPosition(state.head) }

    func apply(_ commits: [LoggedCommit]) throws(JournalError) {
        throw JournalError(.failed, "a journal in memory follows no log")
    }

    func snapshot() throws(JournalError) -> any JournalSnapshot {
        throw JournalError(.failed, "a journal in memory has no file")
    }

    func commit(_ commit: JournalCommit) throws(JournalError) {
        defer { fate = .kept }
        switch fate {
        case .full: throw JournalError(.full, "the disk is full")
        case .lost: throw JournalError(.failed, "the process died before the commit was on disk")
        case .kept, .unheard: break
        }
        if let breach = state.breach(of: commit) {
            breaches.append(breach)
            throw JournalError(.failed, breach)
        }
        state.apply(commit)
        if fate == .unheard { throw JournalError(.failed, "the process died after the commit was on disk") }
    }

    func instance(_ id: InstanceID) throws(JournalError) -> InstanceRow? {
        guard let key = state.visible[id] else { return nil }
        return try instance(key: key)
    }

    func instance(key: InstanceKey) throws(JournalError) -> InstanceRow? {
        if unreadable.contains(key) { throw JournalError(.damaged, "the row of instance \(key) is damaged") }
        return state.instances[key]
    }

    func history(last position: HistoryPosition, first: HistoryPosition) throws(JournalError) -> [HistoryRecord] {
        try state.history(last: position, first: first)
    }

    func historyRow(at position: HistoryPosition) throws(JournalError) -> HistoryRow? { state.historyRow(at: position) }

    func historyRows(from position: HistoryPosition, limit: Int) throws(JournalError) -> [HistoryRow] {
        state.historyRows(from: position, limit: limit)
    }

    func pending(of key: InstanceKey) throws(JournalError) -> [PendingRow] { state.pending(of: key) }
    func seen(_ key: [UInt8]) throws(JournalError) -> SeenRow? { state.seen[key] }
    func seen(before time: Timestamp, limit: Int) throws(JournalError) -> [[UInt8]] {
        state.seen(before: time, limit: limit)
    }

    func instances(after cursor: InstanceKey, limit: Int) throws(JournalError) -> [InstanceRow] {
        state.instances(after: cursor, limit: limit)
    }

    /// How often all rows were counted.
    private(set) var countings = 0

    func instanceCount() throws(JournalError) -> Int64 {
        countings += 1
        return Int64(state.visible.count)
    }
    func tidy(idle: Bool) throws(JournalError) {}
    func close() {}
}

/// A place that holds one journal in memory from the first.
final class MemoryStore: JournalStore {
    let journal: MemoryJournal
    init(_ journal: MemoryJournal) { self.journal = journal }

    var hub: HubName { journal.identity.hub }
    var partition: PartitionNumber { journal.identity.partition }
    var partitionCount: Int { journal.identity.partitionCount }

    func open() throws(JournalError) -> (any PartitionJournal)? { journal }
    func create() throws(JournalError) -> any PartitionJournal { journal }
    func receive() throws(JournalError) -> any SnapshotReceiver {
        throw JournalError(.failed, "a journal in memory takes no snapshot")
    }
    func setAside(_ reason: String) throws(JournalError) {}
}
