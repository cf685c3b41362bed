import GRDB
import RepriseEngine
import RepriseKernel

/// What an open journal has outside its database.
protocol JournalLocation {
    /// Remembers its position outside the database. Best effort.
    func note(commit: CommitNumber)
    /// The database as of its last commit.
    func snapshot() throws -> any JournalSnapshot
    /// The journal is closed.
    func close(_ queue: DatabaseQueue)
}

/// In a data directory.
struct DiskPlace: JournalLocation {
    let files: JournalFiles
    let highWaterMark: HighWaterMark.Writer
    let lock: JournalLock

    func note(commit: CommitNumber) { highWaterMark.note(commit: commit) }

    func snapshot() throws -> any JournalSnapshot {
        try FileSnapshot(of: files)
    }

    /// The lock last: closing still writes to the file.
    func close(_ queue: DatabaseQueue) {
        withExtendedLifetime(lock) { try? queue.close() }
    }
}
