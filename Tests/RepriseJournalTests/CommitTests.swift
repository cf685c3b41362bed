import GRDB
import RepriseEngine
import RepriseKernel
import Testing

@testable import RepriseJournal

@Suite("A commit is whole or not there")
struct CommitTests {
    let directory = JournalDirectory()

    @Test("A commit must follow the last: two owners cannot both go on")
    func numbering() throws {
        let journal = try directory.open()
        var scribe = try Scribe(journal)
        let first = scribe.turn(of: 1)
        try journal.commit(first)
        let repeated = journalError { try journal.commit(first) }
        #expect(repeated?.code == .failed)
        #expect(repeated?.message.contains("commit 1 does not follow commit 1") == true)
        // A journal that was wrong once is not used again.
        let next = scribe.turn(of: 1, previous: 1)
        #expect(journalError { try journal.commit(next) }?.code == .failed)
        #expect(journalError { _ = try journal.recover() }?.code == .failed)
        journal.close()
        #expect(try directory.open().recover().head == first.head)
    }

    @Test("A gap in the numbers is refused")
    func gap() throws {
        let journal = try directory.open()
        var scribe = try Scribe(journal)
        _ = scribe.next()
        #expect(journalError { try journal.commit(scribe.next()) }?.code == .failed)
    }

    @Test("When the disk is full the batch is rolled back, and goes in once there is room")
    func full() throws {
        let journal = try directory.open()
        var scribe = try Scribe(journal)
        try journal.commit(scribe.turn(of: 1))
        let before = try journal.recover()

        try journal.limit(pages: 40)
        let large = scribe.next {
            $0.history = (2...50 as ClosedRange<HistoryPosition>).map {
                .turn(at: $0, of: 1, previous: $0.previous, text: String(repeating: "x", count: 10_000))
            }
            $0.instances = [.sample(key: 1, last: 50)]
        }
        for _ in 1...3 {
            let error = journalError { try journal.commit(large) }
            #expect(error?.code == .full)
            #expect(try journal.recover() == before)
            #expect(try journal.historyRows(from: 1, limit: 100).count == 1)
        }
        let small = JournalCommit(head: large.head)
        try journal.limit(pages: 1_000_000)
        try journal.commit(large)
        #expect(try journal.historyRows(from: 1, limit: 100).count == 50)
        #expect(try journal.recover().head == small.head)
        journal.close()
        #expect(try directory.open().history(last: 50, first: 0).count == 50)
    }

    @Test("The settings that the promise rests on are in force")
    func settings() throws {
        let journal = try directory.open()
        #expect(try journal.pragma("journal_mode") == "wal")
        #expect(try journal.pragma("synchronous") == "2", "FULL: an fsync for every commit")
        #expect(try journal.pragma("wal_autocheckpoint") == "0")
        #expect(try journal.pragma("secure_delete") == "0")
        #expect(try journal.pragma("cell_size_check") == "1")
        #expect(try journal.pragma("trusted_schema") == "0")
        #expect(try journal.pragma("page_size") == String(SQLiteJournal.pageSize))
    }

    @Test("Every table is STRICT with a declared NOT NULL primary key, and there is no trigger")
    func tables() throws {
        let journal = try directory.open()
        let (tables, triggers) = try journal.access { database, _ in
            (
                try Row.fetchAll(database, sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'table'"),
                try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'")
            )
        }
        #expect(triggers == 0)
        #expect(tables.count == 11)
        for table in tables {
            let sql: String = table["sql"]
            #expect(sql.contains("STRICT"), "\(sql)")
            #expect(sql.contains("NOT NULL PRIMARY KEY") || sql.contains("PRIMARY KEY (instance, task)"), "\(sql)")
        }
    }

    @Test("A turn of an instance writes no index")
    func noScatter() throws {
        let journal = try directory.open()
        let plan = try journal.access { database, _ in
            // Writes to an index show up in the program of a statement as IdxInsert.
            let explanation = try database.makeStatement(sql: "EXPLAIN " + InstanceRow.updateInPlace)
            explanation.setUncheckedArguments([])
            return try Row.fetchAll(explanation).map { $0["opcode"] as String }
        }
        #expect(plan.contains("Insert"))
        #expect(!plan.contains("IdxInsert"))
    }

    /// A merge once dropped a column and left a hand-written placeholder behind: every turn was an update of no row,
    /// and then an upsert that rewrote all indexed columns. The plan of the statement looked as it should.
    @Test("A turn of a known instance updates its row in place")
    func updatesInPlace() throws {
        let journal = try directory.open()
        var scribe = try Scribe(journal)
        try journal.commit(scribe.turn(of: 1))
        let hidden = InstanceRow.sample(key: 2, hiddenThrough: 7)
        try journal.commit(scribe.next { $0.instances = [hidden] })
        let changed = try journal.access { _, statements in
            try [
                InstanceRow.sample(key: 1, last: 1), hidden,
                // Another life of it: its row is indexed again.
                InstanceRow.sample(key: 1, hiddenThrough: 9), InstanceRow.sample(key: 3),
            ].map { try statements.updateInstance.write($0) }
        }
        #expect(changed == [1, 1, 0, 0])
    }

    @Test("The second turn of an instance inserts no row of it again")
    func inPlace() throws {
        let journal = try directory.open()
        var scribe = try Scribe(journal)
        try journal.commit(scribe.turn(of: 1))
        let ran = Ran()
        try journal.access { database, _ in database.trace { ran.statements.append("\($0)") } }
        try journal.commit(scribe.turn(of: 1, previous: 1))
        try journal.access { database, _ in database.trace() }
        #expect(ran.statements.count { $0.hasPrefix("UPDATE instances") } == 1)
        #expect(!ran.statements.contains { $0.hasPrefix("INSERT INTO instances") })
        #expect(try journal.instance(key: 1)?.lastPosition == 2)
    }

    @Test("Tidying folds the log back when there is time, or when it has grown")
    func tidying() throws {
        let journal = try directory.open()
        var scribe = try Scribe(journal)
        try journal.commit(scribe.turn(of: 1))
        #expect(try directory.size(of: directory.log) > 0)
        try journal.tidy(idle: false)
        #expect(try directory.size(of: directory.log) > 0, "a short log is left alone while there is work")
        try journal.tidy(idle: true)
        #expect(try directory.size(of: directory.log) == 0)

        let text = String(repeating: "x", count: 1_000_000)
        var previous: HistoryPosition = 1
        for _ in 0..<40 {
            try journal.commit(scribe.turn(of: 1, previous: previous, text: text))
            previous += 1
            try journal.tidy(idle: false)
        }
        #expect(try directory.size(of: directory.log) < 24 << 20, "begun again after each 16 MB")
        #expect(try journal.history(last: previous, first: 0).count == 41)
    }

    @Test("A reader with a long look does not hold the partition up")
    func reader() throws {
        let journal = try directory.open()
        var scribe = try Scribe(journal)
        try journal.commit(scribe.turn(of: 1))
        var configuration = Configuration()
        configuration.readonly = true
        let reader = try DatabaseQueue(path: directory.database, configuration: configuration)
        try reader.inDatabase { database in
            try database.execute(sql: "BEGIN; SELECT * FROM progress")
            try journal.commit(scribe.turn(of: 1, previous: 1))
            let time = try ContinuousClock().measure { try journal.tidy(idle: true) }
            #expect(time < .milliseconds(500))
            try journal.commit(scribe.turn(of: 1, previous: 2))
            try database.execute(sql: "COMMIT")
        }
        try journal.tidy(idle: true)
        #expect(try directory.size(of: directory.log) == 0)
        #expect(try journal.history(last: 3, first: 0).count == 3)
    }

    @Test("A closed journal says so")
    func closed() throws {
        let journal = try directory.open()
        var scribe = try Scribe(journal)
        journal.close()
        journal.close()
        #expect(journalError { _ = try journal.recover() }?.code == .failed)
        #expect(journalError { try journal.commit(scribe.next()) }?.code == .failed)
    }
}

extension SQLiteJournal {
    func limit(pages: Int) throws {
        try access { database, _ in try database.execute(sql: "PRAGMA max_page_count = \(pages)") }
    }

    func pragma(_ name: String) throws -> String? {
        try access { database, _ in try String.fetchOne(database, sql: "PRAGMA \(name)") }
    }
}

/// What SQLite was told to do.
private final class Ran {
    var statements: [String] = []
}
