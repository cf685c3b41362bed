import GRDB
package import RepriseEngine
package import RepriseKernel

/// The journal of one partition on a ``MemoryDisk``: everything of ``SQLiteJournalStore`` except files, locks and
/// syncs.
package final class MemoryJournalStore: JournalStore {
    package let hub: HubName
    package let partition: PartitionNumber
    package let partitionCount: Int

    private let disk: MemoryDisk
    private let makeID: () -> String

    package init(
        disk: MemoryDisk,
        hub: HubName,
        partition: PartitionNumber,
        partitionCount: Int,
        makeID: @escaping () -> String
    ) {
        self.disk = disk
        self.hub = hub
        self.partition = partition
        self.partitionCount = partitionCount
        self.makeID = makeID
    }

    package func open() throws(JournalError) -> (any PartitionJournal)? {
        try reporting {
            try refuseSecond()
            if let reason = disk[partition].setAside { throw wasSetAside(reason) }
            return try disk[partition].queue.map(open)
        }
    }

    package func create() throws(JournalError) -> any PartitionJournal {
        try reporting {
            try refuseSecond()
            if let reason = disk[partition].setAside { throw wasSetAside(reason) }
            guard disk[partition].queue == nil else {
                throw JournalError(.mismatch, "partition \(partition) has a journal already: it is opened, not made")
            }
            let queue = try MemoryDatabase.open(try Self.empty.get())
            let identity = JournalIdentity(
                id: JournalID(rawValue: makeID()),
                hub: hub,
                partition: partition,
                partitionCount: partitionCount
            )
            try queue.writeWithoutTransaction { database in
                try RowStatement(database, JournalIdentity.insert).write(identity)
                try RowStatement(database, JournalHead.insert).write(JournalHead())
            }
            disk[partition].queue = queue
            return try open(queue)
        }
    }

    package func receive() throws(JournalError) -> any SnapshotReceiver { ReceivedBytes(self) }

    package func setAside(_ reason: String) throws(JournalError) {
        try reporting {
            try refuseSecond()
            guard disk[partition].queue != nil else { return }
            disk[partition] = MemoryDisk.Slot(setAside: reason)
        }
    }

    // MARK: Steps

    /// The tables of an empty journal: made once, since a simulation makes thousands.
    private static let empty = Result {
        let queue = try DatabaseQueue()
        return try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA page_size = \(SQLiteJournal.pageSize)")
            try database.execute(sql: "PRAGMA application_id = \(JournalSchema.applicationID)")
            try JournalSchema.migrate(database)
            return try MemoryDatabase.bytes(of: database)
        }
    }

    private func open(_ queue: DatabaseQueue) throws -> SQLiteJournal {
        let (identity, statements) = try queue.writeWithoutTransaction { database in
            try JournalSettings.apply(database, JournalSettings.inMemory)
            return (try inspection.readIdentity(database), try JournalStatements(database))
        }
        let journal = SQLiteJournal(
            identity: identity,
            connection: SQLiteJournal.Connection(
                queue: queue,
                statements: statements,
                place: MemoryPlace(disk: disk, queue: queue)
            )
        )
        disk[partition].journal = journal
        return journal
    }

    /// The snapshot replaces what is here once it is known to be complete.
    func replace(with bytes: [UInt8], _ head: LogHead) throws -> SQLiteJournal {
        let queue = try MemoryDatabase.open(bytes)
        try queue.writeWithoutTransaction { try inspection.checkSnapshot($0, head) }
        disk[partition].journal?.close()
        disk[partition] = MemoryDisk.Slot(queue: queue)
        return try open(queue)
    }

    private var inspection: JournalInspection {
        JournalInspection(name: "what lies here", hub: hub, partition: partition, partitionCount: partitionCount)
    }

    private func refuseSecond() throws {
        guard disk[partition].journal?.isOpen != true else {
            throw JournalError(.inUse, "the journal of partition \(partition) is open")
        }
    }

    private func wasSetAside(_ reason: String) -> JournalError {
        JournalError(.damaged, "the journal of partition \(partition) was set aside: \(reason)")
    }

    func reporting<T>(_ body: () throws -> T) throws(JournalError) -> T {
        do {
            return try body()
        } catch {
            throw JournalError(error, journal: "the journal of partition \(partition)")
        }
    }
}

/// A snapshot as it comes in, in memory.
private final class ReceivedBytes: SnapshotReceiver {
    private let store: MemoryJournalStore
    private var bytes: [UInt8] = []

    init(_ store: MemoryJournalStore) { self.store = store }

    func write(_ bytes: [UInt8]) { self.bytes += bytes }

    func finish(size: Int64, digest: [UInt8], head: LogHead) throws(JournalError) -> any PartitionJournal {
        try store.reporting {
            guard size == Int64(bytes.count), digest == SHA256Digest.of(bytes) else {
                throw Damage("the snapshot is not the file that was written: size or SHA-256 differ")
            }
            return try store.replace(with: bytes, head)
        }
    }

    func discard() { bytes = [] }
}
