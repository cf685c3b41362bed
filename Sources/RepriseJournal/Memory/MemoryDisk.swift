import GRDB
import GRDBSQLite
import RepriseEngine
import RepriseKernel

/// A node's data directory without a disk: SQLite's own tables and transactions, in memory.
///
/// It outlives the processes that a simulation runs over it. ``crash()`` is what the system does when one dies: what
/// was committed stays, a transaction in progress is gone, and calls on behalf of the dead process are refused.
///
/// Used from one thread.
package final class MemoryDisk {
    /// One partition's place.
    struct Slot {
        var queue: DatabaseQueue?
        /// Why what was here was set aside; only a snapshot can replace it.
        var setAside: String?
        weak var journal: SQLiteJournal?
    }

    private var slots: [PartitionNumber: Slot] = [:]
    /// How often a new snapshot is asked for before it is made; nil where there is no room for one.
    package var snapshotLooks: () -> Int? = { 0 }

    package init() {}

    /// The process that had journals open here is dead.
    package func crash() {
        for slot in slots.values { slot.journal?.close() }
    }

    /// Deletes everything.
    package func wipe() {
        crash()
        slots = [:]
    }

    subscript(partition: PartitionNumber) -> Slot {
        get { slots[partition] ?? Slot() }
        set { slots[partition] = newValue }
    }
}

/// Where a journal on a ``MemoryDisk`` lies. Closing leaves the database as it is: it is the disk.
struct MemoryPlace: JournalLocation {
    let disk: MemoryDisk
    let queue: DatabaseQueue

    func note(commit: CommitNumber) {}
    func close(_ queue: DatabaseQueue) {}
    func snapshot() -> any JournalSnapshot { BytesSnapshot(of: queue, looks: disk.snapshotLooks()) }
}

/// A snapshot in memory: the journal as it is when it is made, which may be later than when it was begun.
final class BytesSnapshot: JournalSnapshot {
    private(set) var standing = JournalPosition(commit: 0, checksum: 0, epoch: 0)
    private(set) var size: Int64 = 0
    private let queue: DatabaseQueue
    private var looks: Int?
    private var rest: ArraySlice<UInt8>?

    init(of queue: DatabaseQueue, looks: Int?) {
        self.queue = queue
        self.looks = looks
    }

    func isMade(waiting: Bool) throws(JournalError) -> Bool {
        if rest != nil { return true }
        guard let left = looks else { throw JournalError(.full, "there is no room for a snapshot") }
        guard waiting || left == 0 else {
            looks = left - 1
            return false
        }
        do {
            let (bytes, standing) = try queue.read { (try MemoryDatabase.bytes(of: $0), try JournalPosition(of: $0)) }
            self.standing = standing
            size = Int64(bytes.count)
            rest = bytes[...]
            return true
        } catch {
            throw JournalError(error, journal: "a snapshot")
        }
    }

    func next(_ count: Int) -> [UInt8]? {
        guard let bytes = rest, !bytes.isEmpty else { return nil }
        rest = bytes.dropFirst(count)
        return Array(bytes.prefix(count))
    }

    func close() { rest = [] }
}

/// Databases in memory, from bytes and to bytes.
enum MemoryDatabase {
    static func open(_ bytes: [UInt8]) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(configuration: configuration)
        try queue.writeWithoutTransaction { database in
            let count = sqlite3_int64(bytes.count)
            guard let copy = sqlite3_malloc64(UInt64(max(1, bytes.count))) else {
                throw DatabaseError(resultCode: .SQLITE_NOMEM)
            }
            bytes.withUnsafeBytes {
                copy.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(copy), byteCount: $0.count)
            }
            let flags = UInt32(SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE)
            // The copy is SQLite's from here on, also when it fails.
            let code = sqlite3_deserialize(
                database.sqliteConnection,
                "main",
                copy.assumingMemoryBound(to: UInt8.self),
                count,
                count,
                flags
            )
            guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
        }
        return queue
    }

    static func bytes(of database: Database) throws -> [UInt8] {
        var size: sqlite3_int64 = 0
        guard let bytes = sqlite3_serialize(database.sqliteConnection, "main", &size, 0) else {
            throw DatabaseError(resultCode: .SQLITE_NOMEM)
        }
        defer { sqlite3_free(bytes) }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(size)))
    }
}
