import GRDB
import RepriseEngine

/// How SQLite must treat the file. Each is set and read back: GRDB and Debian have other defaults.
enum JournalSettings {
    static let all: [(name: String, value: String, readBack: String)] = [
        ("journal_mode", "WAL", "wal"),
        // An fsync for every commit. GRDB's own WAL mode would set NORMAL, which loses commits with the power.
        ("synchronous", "FULL", "2"),
        // Checkpoints happen when the partition has time, not in the middle of a commit.
        ("wal_autocheckpoint", "0", "0"),
        ("locking_mode", "NORMAL", "normal"),
        // Debian turns it on, which writes every deleted page again.
        ("secure_delete", "OFF", "0"),
        // A mapped page that the disk cannot read would kill the process.
        ("mmap_size", "0", "0"),
        ("cell_size_check", "ON", "1"),
        ("trusted_schema", "OFF", "0"),
        // In KiB. Each partition fills this once and then stops growing: the rest is in the system's cache.
        ("cache_size", "-2048", "-2048"),
    ]

    /// Without a disk there is no log, no file to map, and no other process that could open it.
    static let inMemory = all.filter {
        !["journal_mode", "wal_autocheckpoint", "locking_mode", "mmap_size"].contains($0.name)
    }

    static func apply(_ database: Database, _ settings: [(name: String, value: String, readBack: String)] = all) throws
    {
        for setting in settings {
            try database.execute(sql: "PRAGMA \(setting.name) = \(setting.value)")
            let found = try String.fetchOne(database, sql: "PRAGMA \(setting.name)") ?? "nothing"
            guard found == setting.readBack else {
                throw JournalError(
                    .failed,
                    "SQLite does not do what the journal needs: \(setting.name) is \(found), not \(setting.value)"
                )
            }
        }
    }
}
