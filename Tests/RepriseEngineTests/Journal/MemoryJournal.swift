import RepriseEngine
import RepriseKernel

/// The contract of ``PartitionJournal`` in memory: what was committed lies in values that outlive the partition.
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

    struct State {
        var progress = PartitionProgress()
        var history: [HistoryRow] = []
        var instances: [Int64: InstanceRow] = [:]
        var visible: [InstanceID: Int64] = [:]
        var timers: [TimerKey: TimerRow] = [:]
        var pending: [Int64: PendingRow] = [:]
        var held: [Int64: HeldRow] = [:]
        var seen: [[UInt8]: SeenRow] = [:]
        var inline: [Int64: InlineRow] = [:]
        var retries: [Int64: RetryRow] = [:]
        var crashes: [InstanceID: CrashRow] = [:]
    }

    struct TimerKey: Hashable {
        var instance: Int64
        var task: TaskID
    }

    let identity: JournalIdentity
    var state = State()
    /// What a crash now would leave.
    var durable: State { state }
    /// Instances whose rows cannot be read.
    var unreadable: Set<Int64> = []
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

    func recover() throws(JournalError) -> RecoveredPartition {
        RecoveredPartition(
            progress: state.progress,
            timers: state.timers.values.sorted { ($0.instance, $0.task) < ($1.instance, $1.task) },
            held: state.held.values.sorted { $0.position < $1.position },
            inline: state.inline.values.sorted { $0.number < $1.number },
            retries: state.retries.values.sorted { $0.number < $1.number },
            hidden: state.instances.values.filter { $0.hiddenThrough != nil }.sorted { $0.key < $1.key },
            crashes: state.crashes.values.sorted { $0.instance.value < $1.instance.value },
            waiting: Set(state.pending.values.map(\.instance)).sorted().compactMap { key in
                state.instances[key].flatMap { $0.hiddenThrough == nil && $0.runtimeStatus != .failed ? $0.id : nil }
            }
        )
    }

    let format = 1

    /// The log is SQLite's: see the simulation of whole hubs, which has the real journal.
    func commit(
        _ commit: JournalCommit,
        append: ((JournalChanges) throws(JournalError) -> Void)?
    ) throws(JournalError) {
        if append != nil { throw JournalError(.failed, "a journal in memory keeps no log") }
        try self.commit(commit)
    }

    func standing() throws(JournalError) -> JournalStanding { JournalStanding(state.progress) }

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
        if let breach = breach(of: commit) {
            breaches.append(breach)
            throw JournalError(.failed, breach)
        }
        apply(commit)
        if fate == .unheard { throw JournalError(.failed, "the process died after the commit was on disk") }
    }

    func instance(_ id: InstanceID) throws(JournalError) -> InstanceRow? {
        guard let key = state.visible[id] else { return nil }
        return try instance(key: key)
    }

    func instance(key: Int64) throws(JournalError) -> InstanceRow? {
        if unreadable.contains(key) { throw JournalError(.damaged, "the row of instance \(key) is damaged") }
        return state.instances[key]
    }

    func history(last position: Int64, first: Int64) throws(JournalError) -> [HistoryRecord] {
        var turns: [[HistoryRecord]] = []
        var next = position
        while next != 0 {
            guard let row = try historyRow(at: next) else { throw JournalError(.damaged, "no history row \(next)") }
            turns.append(try records(of: row))
            next = next == first ? 0 : row.previous
        }
        return turns.reversed().flatMap { $0 }
    }

    func historyRow(at position: Int64) throws(JournalError) -> HistoryRow? {
        let index = index(from: position)
        return index < state.history.count && state.history[index].position == position ? state.history[index] : nil
    }

    func historyRows(from position: Int64, limit: Int) throws(JournalError) -> [HistoryRow] {
        Array(state.history[index(from: position)...].prefix(limit))
    }

    func pending(of key: Int64) throws(JournalError) -> [PendingRow] {
        state.pending.values.filter { $0.instance == key }.sorted { $0.position < $1.position }
    }

    func seen(_ key: [UInt8]) throws(JournalError) -> SeenRow? { state.seen[key] }

    func instances(after cursor: Int64, limit: Int) throws(JournalError) -> [InstanceRow] {
        Array(
            state.instances.values.filter { $0.key > cursor && $0.hiddenThrough == nil }.sorted { $0.key < $1.key }
                .prefix(limit)
        )
    }

    func instanceCount() throws(JournalError) -> Int64 { Int64(state.visible.count) }
    func tidy(idle: Bool) throws(JournalError) {}
    func close() {}

    func records(of row: HistoryRow) throws(JournalError) -> [HistoryRecord] {
        do {
            return try HistoryCodec.decode(row.records)
        } catch {
            throw JournalError(.damaged, "history row \(row.position): \(error)")
        }
    }

    /// The first history row at `position` or after it: rows lie in commit order.
    private func index(from position: Int64) -> Int {
        var low = 0
        var high = state.history.count
        while low < high {
            let middle = (low + high) / 2
            if state.history[middle].position < position { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension MemoryJournal {
    /// What the tables of the real journal would refuse.
    private func breach(of commit: JournalCommit) -> String? {
        if commit.progress.commit != state.progress.commit + 1 {
            return "commit \(commit.progress.commit) does not follow \(state.progress.commit)"
        }
        if commit.progress.time < state.progress.time { return "recorded time went back" }
        var position = state.history.last?.position ?? 0
        for row in commit.history {
            guard row.position > position else { return "history row \(row.position) comes after \(position)" }
            position = row.position
        }
        var visible = state.visible
        for row in commit.instances where row.hiddenThrough != nil {
            if visible[row.id] == row.key { visible[row.id] = nil }
        }
        for row in commit.instances where row.hiddenThrough == nil {
            if let other = visible[row.id], other != row.key { return "two visible instances have the id '\(row.id)'" }
            visible[row.id] = row.key
        }
        let keys = commit.instances.map(\.key)
        if Set(keys).count != keys.count { return "an instance is written twice in one commit" }
        if let row = commit.pendingAdded.first(where: { state.pending[$0.position] != nil }) {
            return "pending position \(row.position) is taken"
        }
        if let row = commit.heldAdded.first(where: { state.held[$0.position] != nil }) {
            return "held position \(row.position) is taken"
        }
        if let row = commit.inlineAdded.first(where: { state.inline[$0.number] != nil }) {
            return "inline number \(row.number) is taken"
        }
        return nil
    }

    /// Additions before removals, hidden rows before visible ones.
    private func apply(_ commit: JournalCommit) {
        state.progress = commit.progress
        state.history += commit.history
        for row in commit.instances where row.hiddenThrough != nil {
            state.instances[row.key] = row
            if state.visible[row.id] == row.key { state.visible[row.id] = nil }
        }
        for row in commit.instances where row.hiddenThrough == nil {
            state.instances[row.key] = row
            state.visible[row.id] = row.key
        }
        for key in commit.deletedInstances { delete(key) }
        for former in commit.deletedHistory {
            var next = former.last
            while let index = state.history.firstIndex(where: { $0.position == next && $0.instance == former.instance })
            {
                next = state.history.remove(at: index).previous
            }
        }
        for row in commit.timersSet { state.timers[TimerKey(instance: row.instance, task: row.task)] = row }
        for row in commit.timersCleared {
            let key = TimerKey(instance: row.instance, task: row.task)
            if state.timers[key]?.due == row.due { state.timers[key] = nil }
        }
        for row in commit.pendingAdded { state.pending[row.position] = row }
        for position in commit.pendingRemoved { state.pending[position] = nil }
        for row in commit.heldAdded { state.held[row.position] = row }
        for position in commit.heldRemoved { state.held[position] = nil }
        for row in commit.seen { state.seen[row.key] = row }
        if let time = commit.forgetSeenBefore { state.seen = state.seen.filter { $0.value.time >= time } }
        for row in commit.inlineAdded { state.inline[row.number] = row }
        for number in commit.inlineRemoved { state.inline[number] = nil }
        for row in commit.retries { state.retries[row.number] = row }
        for number in commit.retriesRemoved { state.retries[number] = nil }
        for row in commit.crashes { state.crashes[row.instance] = row }
        for instance in commit.crashesCleared { state.crashes[instance] = nil }
    }

    private func delete(_ key: Int64) {
        state.instances[key] = nil
        state.history.removeAll { $0.instance == key }
        state.timers = state.timers.filter { $0.key.instance != key }
        state.pending = state.pending.filter { $0.value.instance != key }
    }
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
