import RepriseEngine
import RepriseKernel

/// A journal under which the process may die, freeze or be cut off at every step, or find its disk full.
final class WatchedJournal: JournalDecorator {
    private let process: SimulatedProcess

    init(_ inner: any PartitionJournal, _ process: SimulatedProcess) {
        self.process = process
        super.init(inner)
    }

    override func commit(
        _ commit: JournalCommit,
        append: ((JournalChanges) throws(JournalError) -> Void)?
    ) throws(JournalError) {
        try process.reach(.beforeStaging)
        if process.hub.fillsDisk() { throw JournalError(.full, "the disk is full") }
        let partition = identity.partition
        process.hub.oracle.staged(commit, partition)
        let process = process
        if let append {
            try inner.commit(commit) { (changes: JournalChanges) throws(JournalError) in
                try process.reach(.staged)
                try append(changes)
                try process.reach(.appendConfirmed)
            }
        } else {
            try process.reach(.staged)
            try inner.commit(commit, append: nil)
            process.hub.oracle.committed(JournalPosition(commit.head), partition)
        }
        process.hub.noteProgress(in: commit, partition)
        process.node.standings[partition] = JournalPosition(commit.head)
        try process.reach(.committed)
    }

    override func apply(_ commits: [LoggedCommit]) throws(JournalError) {
        try process.reach(.standbyApplying)
        try super.apply(commits)
        if let last = commits.last { process.node.standings[identity.partition] = last.standing }
        try process.reach(.standbyApplied)
    }
}

/// A node's place for one partition's journal, with the same perils.
final class WatchedStore: JournalStore {
    private let inner: any JournalStore
    private let process: SimulatedProcess

    init(_ inner: any JournalStore, _ process: SimulatedProcess) {
        self.inner = inner
        self.process = process
    }

    var hub: HubName { inner.hub }
    var partition: PartitionNumber { inner.partition }
    var partitionCount: Int { inner.partitionCount }

    func open() throws(JournalError) -> (any PartitionJournal)? {
        guard !process.isDead else { throw process.death }
        return try inner.open().map(watched)
    }

    func create() throws(JournalError) -> any PartitionJournal {
        guard !process.isDead else { throw process.death }
        return watched(try inner.create())
    }

    func receive() throws(JournalError) -> any SnapshotReceiver {
        guard !process.isDead else { throw process.death }
        return WatchedReceiver(try inner.receive(), self, process)
    }

    func setAside(_ reason: String) throws(JournalError) { try inner.setAside(reason) }

    fileprivate func watched(_ journal: any PartitionJournal) -> any PartitionJournal {
        let sound: any PartitionJournal = process.hub.flaw.map { FlawedJournal(journal, $0, process) } ?? journal
        let watched = WatchedJournal(sound, process)
        process.journals[partition] = watched
        return watched
    }
}

private final class WatchedReceiver: SnapshotReceiver {
    private let inner: any SnapshotReceiver
    private let store: WatchedStore
    private let process: SimulatedProcess

    init(_ inner: any SnapshotReceiver, _ store: WatchedStore, _ process: SimulatedProcess) {
        self.inner = inner
        self.store = store
        self.process = process
    }

    func write(_ bytes: [UInt8]) throws(JournalError) {
        try process.reach(.snapshotArriving)
        try inner.write(bytes)
    }

    func finish(size: Int64, digest: [UInt8], head: LogHead) throws(JournalError) -> any PartitionJournal {
        try process.reach(.snapshotWhole)
        let partition = store.partition
        let journal = try inner.finish(size: size, digest: digest, head: head)
        process.node.standings[partition] = head.standing
        process.hub.note(.rebuild)
        process.node.forgetDamage(of: partition)
        try process.reach(.snapshotInPlace)
        return store.watched(journal)
    }

    func discard() { inner.discard() }
}
