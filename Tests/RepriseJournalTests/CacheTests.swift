import GRDB
import GRDBSQLite
import RepriseEngine
import RepriseKernel
import Testing

@testable import RepriseJournal

@Suite("What a journal keeps in memory")
struct CacheTests {
    /// A node grew by a kilobyte for each orchestration: the pages of its journals that SQLite kept, up to 8 MiB for each
    /// partition.
    @Test("E53: a partition keeps 2 MiB of its journal, however much it writes")
    func bound() throws {
        let directory = JournalDirectory()
        let journal = try directory.open()
        var scribe = try Scribe(journal)
        try journal.commit(scribe.turn(of: 1))
        var last: HistoryPosition = 1
        for _ in 0..<12 {
            let first = last.next
            last += 50
            let end = last
            try journal.commit(
                scribe.next {
                    $0.history = (first...end).map {
                        .turn(at: $0, of: 1, previous: $0.previous, text: String(repeating: "x", count: 10_000))
                    }
                    $0.instances = [.sample(key: 1, last: end)]
                }
            )
        }
        let kept = try journal.access { db, _ in
            var (now, most) = (Int32(0), Int32(0))
            sqlite3_db_status(db.sqliteConnection, SQLITE_DBSTATUS_CACHE_USED, &now, &most, 0)
            return Int(now)
        }
        #expect(kept < 5 << 19, "it keeps \(kept) bytes")
    }
}
