import GRDB
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseJournal

@Suite("A commit that does not fit is never made to fit")
struct DivergenceTests {
    let directory = JournalDirectory()
    let other = JournalDirectory()
    let journal: SQLiteJournal
    let copy: SQLiteJournal
    /// Commits 11, 12 and 13: turns of instance 1, then its end.
    let log: [LoggedCommit]

    init() throws {
        journal = try directory.open()
        var scribe = try Scribe(journal)
        for position in 0..<10 as Range<HistoryPosition> { try journal.commit(scribe.turn(of: 1, previous: position)) }
        copy = try other.store().take(journal)
        log = [
            try journal.log(scribe.turn(of: 1, previous: 10)),
            try journal.log(scribe.turn(of: 1, previous: 11)),
            try journal.log(scribe.next { $0.deletedInstances = [1] }),
        ]
    }

    /// The copy refuses, says why and of which commit, is unchanged, and takes the true log afterwards unless it was changed.
    private func expectRefusal(
        _ commits: [LoggedCommit],
        _ code: JournalError.Code = .diverged,
        says: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = try copy.dump()
        let error = journalError { try copy.apply(commits) }
        #expect(error?.code == code, sourceLocation: sourceLocation)
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "none")", sourceLocation: sourceLocation)
        #expect(try copy.dump() == before, "nothing of it was applied", sourceLocation: sourceLocation)
    }

    private func change(_ sql: String) throws {
        try copy.access { database, _ in try database.execute(sql: sql) }
    }

    @Test("The log as it is")
    func fits() throws {
        try copy.apply(log)
        #expect(try copy.dump() == journal.dump())
    }

    @Test(
        "A journal that is not what the log takes it for",
        arguments: [
            ("DELETE FROM instances", "commit 11"),
            ("UPDATE instances SET version = 99, rowSum = 1", "commit 11"),
            ("INSERT INTO history VALUES (11, 1, 2, 3, 4, x'00', 5)", "commit 11"),
            ("DELETE FROM history WHERE position = 3", "commit 13"),
            ("UPDATE history SET records = x'00' WHERE position = 3", "commit 13"),
            ("UPDATE progress SET nextKey = 50, rowSum = 8", "partition 0"),
        ]
    )
    func local(sql: String, says: String) throws {
        try change(sql)
        if sql.contains("progress") {
            #expect(journalError { try copy.apply(log) } != nil)
        } else {
            try expectRefusal(log, says: says)
        }
        #expect(try journal.standing().commit == 13)
    }

    @Test("A commit that is not the next, or follows another")
    func chain() throws {
        try expectRefusal([log[1]], says: "commit 12 in the log does not fit the journal of partition 0 at commit 10")
        try expectRefusal([log[0], log[0]], says: "commit 11")
        try expectRefusal([log[0], log[2]], says: "commit 13")
        var wrong = log[0]
        wrong.previous += 1
        try expectRefusal([wrong], says: "it follows another commit 10")
        try copy.apply(log)
    }

    @Test("A commit that leads elsewhere than it says")
    func standing() throws {
        var wrong = log[1]
        wrong.standing.checksum += 1
        try expectRefusal([log[0], wrong], says: "commit 12")
        wrong = log[1]
        wrong.standing.epoch = wrong.standing.epoch.next
        try expectRefusal([log[0], wrong, log[2]], says: "commit 12")
        wrong = log[1]
        wrong.changes = log[0].changes
        try expectRefusal([log[0], wrong], says: "commit 12")
        wrong.changes = JournalChanges(rows: 0, bytes: [])
        try expectRefusal([log[0], wrong], says: "commit 12")
        try copy.apply(log)
    }

    @Test("Changes of which one is missing, or one too many was counted")
    func rows() throws {
        var wrong = log[0]
        wrong.changes.rows += 1
        try expectRefusal([wrong], says: "3 of its 4 changes could be made")
        wrong.changes.rows -= 2
        try expectRefusal([wrong], says: "3 of its 2 changes could be made")
        try copy.apply(log)
    }

    @Test("Another format is refused by name, never applied")
    func format() throws {
        var wrong = log[0]
        wrong.format = 99
        try expectRefusal([wrong], .mismatch, says: "was written in format 99")
        #expect(journalError { try copy.apply([wrong]) }?.message.contains("has format 1") == true)
        try copy.apply(log)
    }

    /// SQLite passes over tables that it does not find, or finds otherwise, and reports success: its word is not asked for.
    @Test("Tables that are missing, foreign or of another form")
    func tables() throws {
        let foreign = try DatabaseQueue()
        func changes(_ create: String, _ change: String) throws -> JournalChanges {
            try foreign.writeWithoutTransaction { database in
                try database.execute(sql: create)
                let recorder = try ChangeRecorder(database, ["history", "stranger"])
                try database.execute(sql: change)
                return try recorder.changes()
            }
        }
        var wrong = log[0]
        wrong.changes = try changes("CREATE TABLE stranger (a INTEGER PRIMARY KEY)", "INSERT INTO stranger VALUES (1)")
        #expect(wrong.changes.rows == 1)
        try expectRefusal([wrong], says: "it changes a table that is not one of the journal's")
        wrong.changes = try changes(
            "CREATE TABLE history (position INTEGER PRIMARY KEY, a, b, c, d, e, f, g, h)",
            "INSERT INTO history (position) VALUES (11)"
        )
        try expectRefusal([wrong], says: "its changes cannot be read")
        try copy.apply(log)
    }

    @Test("Bytes that are not changes", arguments: 0..<60)
    func damage(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        var wrong = log[0]
        switch seed % 3 {
        case 0: wrong.changes.bytes.removeLast(Int.random(in: 1..<wrong.changes.bytes.count, using: &random))
        case 1:
            wrong.changes.bytes[Int.random(in: 0..<wrong.changes.bytes.count, using: &random)] ^= 1 << UInt8(seed % 8)
        default: wrong.changes.bytes = (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        let before = try copy.dump()
        if let error = journalError({ try copy.apply([wrong]) }) {
            #expect(error.code == .diverged, "\(error)")
            #expect(try copy.dump() == before)
            try copy.apply(log)
        } else {
            // One bit of a value without a meaning of its own: the digest of the record is what finds that.
            #expect(seed % 3 == 1)
        }
    }
}
