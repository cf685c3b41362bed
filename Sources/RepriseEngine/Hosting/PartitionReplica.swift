package import Logging
package import Reprise
import RepriseKernel

/// What a node has of one partition: nothing, a journal that follows the log, or the partition itself.
///
/// ```
///              read, follow                    take
///   nothing ───────────────► standby ─────────────────────► owner
///      │                        ▲                             │
///      └── take (seed, found) ──┼─────────────────────────────┤
///                               └────────── lose ─────────────┘
/// ```
/// No thread and no broker, like ``Partition``: ``PartitionHost`` gives it both, tests give it neither.
package final class PartitionReplica {
    private let store: any JournalStore
    private let orchestrators: [String: RegisteredOrchestrator]
    private let entities: [String: RegisteredEntity]
    private let settings: PartitionSettings
    private let environment: PartitionEnvironment
    private let marker: any TurnMarker
    private let logger: Logger

    private var journal: (any PartitionJournal)?
    private var reading: LogReading?
    private var watch: WallWatch
    /// While this node owns it.
    package private(set) var partition: Partition?

    package init(
        store: any JournalStore,
        orchestrators: [String: RegisteredOrchestrator],
        entities: [String: RegisteredEntity] = [:],
        settings: PartitionSettings,
        environment: PartitionEnvironment,
        marker: any TurnMarker,
        logger: Logger
    ) {
        self.store = store
        self.orchestrators = orchestrators
        self.entities = entities
        self.settings = settings
        self.environment = environment
        watch = WallWatch(environment, settings.clockTrust)
        self.marker = marker
        self.logger = logger
    }

    // MARK: Standing by

    /// Opens the journal when it is not open. With a log one without a commit counts as none, and so does a damaged one:
    /// that was set aside, and is rebuilt.
    package func holding() throws(JournalError) -> HeldJournal? {
        do {
            guard let journal = try opened() else { return nil }
            let standing = try journal.standing()
            // Created but never begun: another node may have begun the partition since, with its own journal.
            guard standing.commit > 0 || settings.log == nil else { return nil }
            return HeldJournal(journal: journal.identity.id, standing: standing)
        } catch {
            guard settings.log != nil, error.code == .damaged else { throw error }
            logger.error("\(error.message) It is rebuilt from the partition's log.")
            reading = nil
            closeJournal()
            return nil
        }
    }

    /// A reader of the log begins; any earlier reading is over.
    package func read(_ pointer: LogAddress, rebuilding: Bool) throws(JournalError) {
        reading = nil
        if rebuilding {
            reading = LogReading(rebuilding: store, pointer) { [weak self] in self?.closeJournal() }
        } else if let journal = try opened() {
            reading = try LogReading(after: journal, store, pointer)
        } else {
            throw JournalError(.diverged, "partition \(store.partition) has no journal here yet: it must be rebuilt")
        }
    }

    /// Nil while a snapshot is not complete. After an error the reading is over.
    package func follow(_ entries: [LogEntry]) throws(JournalError) -> LogPosition? {
        guard let reading else {
            throw JournalError(.diverged, "the log of partition \(store.partition) is not being read here")
        }
        // A journal made from the snapshot is valid, whatever comes after it.
        defer { if journal == nil { journal = reading.journal } }
        let before = reading.strangeRecords
        defer {
            if reading.strangeRecords > before, let last = reading.lastStranger {
                logger.warning(
                    "The log of partition \(store.partition) has \(reading.strangeRecords) records that no owner can have made, the last \(last). They are passed over. See who else may publish to the broker's default exchange."
                )
            }
        }
        do {
            return try reading.take(entries)
        } catch {
            self.reading = nil
            throw error
        }
    }

    // MARK: Owning

    /// Begins an ownership. Its effects are carried out like any batch's.
    package func take(
        _ ownership: Ownership
    ) throws(JournalError) -> (effects: Partition.Effects, epoch: Epoch, pointer: LogAddress?) {
        drop()
        reading = nil
        let (journal, writer, epoch) = try prepare(ownership)
        watch.read(wall: environment.wallClock(), steady: environment.steadyClock())
        let partition = try Partition(
            journal: journal,
            log: writer,
            orchestrators: orchestrators,
            entities: entities,
            settings: settings,
            environment: environment,
            watch: watch,
            marker: marker,
            logger: logger
        )
        // Owned before it begins: if it cannot, what it has loaded is dropped with it.
        self.partition = partition
        return (try partition.begin(epoch: epoch), epoch, writer?.pointer)
    }

    private func prepare(
        _ ownership: Ownership
    ) throws(JournalError) -> (journal: any PartitionJournal, writer: LogWriter?, epoch: Epoch) {
        switch ownership.beginning {
        case .goOn(let epoch, let pointer):
            guard let journal = try opened() else {
                throw JournalError(.damaged, "partition \(store.partition) has no journal here to continue from")
            }
            guard let log = ownership.log else {
                let standing = try journal.standing()
                return (journal, nil, epoch ?? standing.epoch(after: 1))
            }
            guard let epoch, let pointer, let logSettings = settings.log else {
                throw JournalError(.mismatch, "partition \(store.partition) was given a log without its place in it")
            }
            let writer = LogWriter(
                log,
                format: journal.format,
                pointer: pointer,
                commit: try journal.standing().commit,
                settings: logSettings
            )
            return (journal, writer, epoch)
        case .found:
            let journal = try made()
            return (journal, nil, try journal.standing().epoch(after: 1))
        case .seed(let segment, let continues):
            guard let log = ownership.log, let logSettings = settings.log else {
                throw JournalError(.mismatch, "partition \(store.partition) cannot begin a log in a hub without logs")
            }
            let journal = try made()
            // Far above any owner of a lost history: if a journal of that history comes back, it must not be taken for
            // one of this.
            let standing = try journal.standing()
            let isLost = standing.commit > 0 && !continues
            let epoch = standing.epoch(after: isLost ? JournalPosition.epochsOfALostLog : 1)
            let writer = try LogWriter.seed(log, segment, with: journal, epoch: epoch, settings: logSettings)
            try writer.fence(epoch: epoch, nonce: environment.makeSecret().low, node: settings.node)
            try writer.publishPointer()
            return (journal, writer, epoch)
        }
    }

    /// Work to do although nothing arrives: the log's next segment. Call it after the effects of a batch.
    package func maintain() throws(JournalError) { try partition?.rollLog() }

    /// Folds the write-ahead log back, for owners and standbys.
    ///
    /// Also reads the clocks when nothing else does, to notice that a jump has lasted.
    package func tidy(idle: Bool) throws(JournalError) {
        if let partition {
            if idle { _ = partition.recordedTime() }
        } else {
            watch.read(wall: environment.wallClock(), steady: environment.steadyClock())
        }
        try journal?.tidy(idle: idle)
    }

    /// The ownership is over: what is not committed is gone.
    package func drop() {
        if let partition {
            watch = partition.clock.watch
            partition.close()
        }
        partition = nil
    }

    /// Closes the journal. What is committed stays.
    package func close() {
        drop()
        reading = nil
        closeJournal()
    }

    // MARK: The journal here

    private func opened() throws(JournalError) -> (any PartitionJournal)? {
        if journal == nil { journal = try store.open() }
        return journal
    }

    private func made() throws(JournalError) -> any PartitionJournal {
        if let journal = try opened() { return journal }
        let made = try store.create()
        journal = made
        return made
    }

    private func closeJournal() {
        journal?.close()
        journal = nil
    }
}
