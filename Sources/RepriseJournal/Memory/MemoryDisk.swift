import GRDB
import GRDBSQLite
import RepriseEngine
import RepriseKernel

/// A node's data directory without a disk: SQLite's own tables and transactions, in memory.
///
/// It outlives the processes that a simulation runs over it. ``crash()`` is what the system does when one dies: what was
/// committed stays, a transaction under way is gone, and whoever still acts for the dead process is refused.
///
/// Used from one thread.
package final class MemoryDisk {
    /// One partition's place.
    struct Slot {
        var queue: DatabaseQueue?
        /// Why what lay here was put aside; nothing takes its place but a snapshot.
        var setAside: String?
        weak var journal: SQLiteJournal?
    }

    private var slots: [PartitionNumber: Slot] = [:]

    package init() {}

    /// The process that had journals open here is dead.
    package func crash() {
        for slot in slots.values { slot.journal?.close() }
    }

    /// Everything that lay here is gone.
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
struct MemoryPlace: JournalPlace {
    func note(commit: Int64) {}
    func close(_ queue: DatabaseQueue) {}

    func snapshot(_ database: Database, at standing: JournalStanding) throws -> any JournalSnapshot {
        BytesSnapshot(try MemoryDatabase.bytes(of: database), standing: standing)
    }
}

/// A snapshot in memory.
final class BytesSnapshot: JournalSnapshot {
    let standing: JournalStanding
    let size: Int64
    func isMade(waiting: Bool) -> Bool { true }
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8], standing: JournalStanding) {
        self.standing = standing
        size = Int64(bytes.count)
        rest = bytes[...]
    }

    func next(_ count: Int) -> [UInt8]? {
        guard !rest.isEmpty else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
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
