import Foundation
import GRDB
import RepriseEngine
import RepriseKernel
import Testing

@testable import RepriseJournal

@Suite("A journal is what its log says, row by row")
struct ApplyTests {
    let directory = JournalDirectory()
    let other = JournalDirectory()

    @Test("Every table is in the log")
    func tables() throws {
        let journal = try directory.open()
        let found = try journal.access { database, _ in
            try String.fetchAll(database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'")
        }
        #expect(found.sorted() == JournalSchema.tables.map { "\($0)" }.sorted())
    }

    @Test("Three thousand commits of every kind lead a copy to the same rows", arguments: [20_261_123] as [UInt64])
    func copies(seed: UInt64) throws {
        let journal = try MemoryDisk().store().opened()
        try expectCopy(of: journal, in: MemoryDisk().store().take(journal), seed: seed, commits: 3_000)
    }

    @Test("So do three hundred on a disk")
    func copiesOnDisk() throws {
        let journal = try directory.open()
        try expectCopy(of: journal, in: other.store().take(journal), seed: 3, commits: 300)
    }

    private func expectCopy(of journal: SQLiteJournal, in copy: SQLiteJournal, seed: UInt64, commits: Int) throws {
        var work = try RandomWork(journal, seed: seed)
        var log: [LoggedCommit] = []
        var rows = 0
        var filled: Set<String> = []
        for number in 1...commits {
            log.append(try journal.log(work.commit()))
            rows += log.last?.changes.rows ?? 0
            guard number.isMultiple(of: 37) || number == commits else { continue }
            try copy.apply(log)
            log = []
            #expect(try copy.standing() == journal.standing())
            guard number.isMultiple(of: 185) || number == commits else { continue }
            let dump = try journal.dump()
            #expect(try copy.dump() == dump, "after commit \(number)")
            filled.formUnion(dump.filter { !$0.value.isEmpty }.keys)
        }
        #expect(try copy.recover() == journal.recover(), "and each row matches its checksum")
        #expect(filled == Set(try journal.dump().keys), "every table has rows now and then")
        #expect(rows > commits * 5)
    }

    @Test("What each kind of commit changes is recorded, and nothing else")
    func rows() throws {
        let journal = try directory.open()
        var scribe = try Scribe(journal)
        #expect(try journal.log(scribe.next()).changes.rows == 1, "the row that says how far it has come")
        #expect(try journal.log(scribe.turn(of: 1)).changes.rows == 3)
        #expect(try journal.log(scribe.turn(of: 1, previous: 1)).changes.rows == 3)
        let timer = TimerRow(.instance(1, .task(TaskID(1))), due: .zero)
        let coming = scribe.next {
            $0.timers.written = [timer]
            $0.timers.removed = [timer]
        }
        #expect(try journal.log(coming).changes.rows == 1, "what came and went was never there")
        let deletion = scribe.next { $0.deletedInstances = [1] }
        #expect(try journal.log(deletion).changes.rows == 4, "the row, its two of history, and how far it has come")
    }

    @Test("NULLs, empty values and the ends of the number range go through")
    func extremes() throws {
        let journal = try directory.open()
        let copy = try other.store().take(journal)
        var scribe = try Scribe(journal)
        var log: [LoggedCommit] = []
        log.append(
            try journal.log(
                scribe.next {
                    $0.head.checksum = .max
                    $0.head.time = Timestamp(milliseconds: .max)
                    $0.instances = [
                        .sample(key: InstanceKey(rawValue: 1 << 60), id: ""),
                        .sample(
                            key: InstanceKey(rawValue: -(1 << 60)),
                            id: "日本 🚂",
                            hiddenThrough: OutboundNumber(rawValue: .min)
                        ),
                    ]
                    $0.timers.written = [
                        TimerRow(
                            TimerColumns(instance: .min, task: .max).subject,
                            due: Timestamp(milliseconds: .min)
                        )
                    ]
                    $0.held.written = [
                        HeldRow(
                            position: 0,
                            instance: InstanceID(trusted: ""),
                            name: "",
                            payload: .null,
                            messageID: nil,
                            until: .zero,
                            original: []
                        )
                    ]
                    $0.seen.written = [SeenRow(key: [], fingerprint: .max, time: .zero)]
                    $0.inline.written = [InlineRow(number: -1, message: [])]
                }
            )
        )
        // To NULL and from NULL.
        let swap = scribe.next {
            $0.instances = [
                .sample(key: InstanceKey(rawValue: 1 << 60), id: "", hiddenThrough: 1),
                .sample(key: InstanceKey(rawValue: -(1 << 60)), id: "日本 🚂"),
            ]
        }
        log.append(try journal.log(swap))
        try copy.apply(log)
        #expect(try copy.dump() == journal.dump())
    }

    @Test("An id passes to the next incarnation in one commit, though it must be unique at every moment")
    func incarnations() throws {
        let journal = try directory.open()
        let copy = try other.store().take(journal)
        var scribe = try Scribe(journal)
        var log = [
            try journal.log(
                scribe.next {
                    $0.instances = (1...20 as ClosedRange<InstanceKey>).map { .sample(key: $0, id: "id-\($0)") }
                }
            )
        ]
        let successors = scribe.next {
            $0.instances =
                (1...20 as ClosedRange<InstanceKey>).map { .sample(key: $0, id: "id-\($0)", hiddenThrough: 5) }
                + (21...40 as ClosedRange<InstanceKey>).map { .sample(key: $0, id: "id-\($0.advanced(by: -20))") }
        }
        log.append(try journal.log(successors))
        try copy.apply(log)
        #expect(try copy.dump() == journal.dump())
        #expect(try copy.instance(InstanceID(trusted: "id-7"))?.key == 27)
    }

    @Test("What the log cannot take is rolled back, and the next commit goes in")
    func refused() throws {
        let journal = try directory.open()
        let copy = try other.store().take(journal)
        var scribe = try Scribe(journal)
        let first = try journal.log(scribe.turn(of: 1))
        let before = try journal.dump()
        let commit = scribe.turn(of: 1, previous: 1)
        for code in [JournalError.Code.unlogged, .failed, .damaged, .full] {
            let error = journalError {
                try journal.commit(commit) { _ throws(JournalError) in throw JournalError(code, "no confirm") }
            }
            #expect(error?.code == code)
            #expect(error?.message == "no confirm")
            #expect(try journal.dump() == before)
        }
        let second = try journal.log(commit)
        try copy.apply([first, second])
        #expect(try copy.dump() == journal.dump())
        journal.close()
        #expect(try directory.open().dump() == copy.dump())
    }

    @Test("The log's turn comes when everything is written and nothing committed")
    func order() throws {
        let journal = try directory.open()
        var scribe = try Scribe(journal)
        let mark = try Data(contentsOf: URL(filePath: directory.highWaterMark))
        let reader = try DatabaseQueue(path: directory.database)
        let room = try directory.size(of: directory.log)
        try journal.commit(scribe.turn(of: 1)) { changes throws(JournalError) in
            #expect(changes.rows == 3)
            let taken = (try? directory.size(of: directory.log)) ?? 0
            #expect(taken >= room + 3 * SQLiteJournal.pageSize, "the disk had room for it")
            #expect((try? reader.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM history") }) == 0)
            #expect((try? Data(contentsOf: URL(filePath: directory.highWaterMark))) == mark)
        }
        #expect(try reader.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM history") } == 1)
    }

    @Test("How far it has come by the log is remembered beside the file")
    func highWaterMark() throws {
        let journal = try directory.open()
        let copy = try other.store().take(journal)
        var scribe = try Scribe(journal)
        try copy.apply([try journal.log(scribe.next()), try journal.log(scribe.next())])
        #expect(try String(contentsOfFile: other.highWaterMark, encoding: .utf8).hasSuffix("0002\n"))
    }
}
