import Foundation
import RepriseEngine
import RepriseJournal
import RepriseKernel
import RepriseTestSupport
import Testing

@Suite("Damage is found, named, set aside, and never papered over")
struct DamageTests {
    let directory = JournalDirectory()

    /// A closed journal with forty turns of instance 1 and one of instance 2.
    private func written() throws {
        let journal = try directory.open()
        var scribe = try Scribe(journal)
        for position in HistoryPosition(rawValue: 0)..<40 {
            try journal.commit(scribe.turn(of: 1, previous: position, text: String(repeating: "needle ", count: 100)))
        }
        try journal.commit(scribe.turn(of: 2, text: "the other"))
        journal.close()
    }

    // MARK: The file

    @Test(
        "A damaged file is set aside, and an empty one never takes its place unasked",
        arguments: [
            "header", "page size", "zero length", "cut in half", "cut to one page", "page zeroed", "page header",
            "text",
        ]
    )
    func file(kind: String) throws {
        try written()
        try directory.edit(directory.database) { bytes in
            switch kind {
            case "header": bytes[3] ^= 1
            case "page size": bytes[16] ^= 0x40
            case "zero length": bytes = []
            case "cut in half": bytes.removeLast(bytes.count / 2)
            case "cut to one page": bytes.removeLast(bytes.count - 4096)
            case "page zeroed": for at in (4096 * 4)..<(4096 * 6) { bytes[at] = 0 }
            case "page header": for page in 1..<(bytes.count / 4096) { bytes[page * 4096] ^= 0x10 }
            default: bytes = Array("a letter that someone saved here".utf8)
            }
        }
        let damaged = try Data(contentsOf: URL(filePath: directory.database))

        let error = journalError { _ = try directory.open() }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("partition-0.sqlite.damaged-1") == true, "\(error?.message ?? "no error")")
        #expect(directory.names.contains("partition-0.sqlite.damaged-1"))
        #expect(!directory.names.contains("partition-0.sqlite"))
        #expect(try Data(contentsOf: URL(filePath: directory.database + ".damaged-1")) == damaged)

        for _ in 1...2 {
            let again = journalError { _ = try directory.open() }
            #expect(again?.code == .damaged)
            #expect(again?.message.contains("was set aside as partition-0.sqlite.damaged-1") == true)
            #expect(again?.message.contains("remove \(directory.highWaterMark) to start empty") == true)
        }
        #expect(!directory.names.contains("partition-0.sqlite"))

        try FileManager.default.removeItem(atPath: directory.highWaterMark)
        #expect(try directory.open().recover().head.commit == 0)
        #expect(directory.names.contains("partition-0.sqlite.damaged-1"), "the damaged one is kept")
    }

    @Test("The write-ahead log goes with the file it belongs to")
    func logGoesAlong() throws {
        let journal = try directory.open()
        var scribe = try Scribe(journal)
        try journal.commit(scribe.turn(of: 1))
        let image = try directory.crashImage()
        try image.edit(image.database) { $0 = [] }
        let log = try Data(contentsOf: URL(filePath: image.log))
        #expect(journalError { _ = try image.open() }?.code == .damaged)
        #expect(try Data(contentsOf: URL(filePath: image.database + ".damaged-1-wal")) == log)
        #expect(!image.names.contains("partition-0.sqlite-wal"))
    }

    @Test("A restored file is taken again; an older copy only when a person agrees")
    func restored() throws {
        try written()
        let good = try Data(contentsOf: URL(filePath: directory.database))
        try directory.edit(directory.database) { $0[3] ^= 1 }
        #expect(journalError { _ = try directory.open() }?.code == .damaged)
        try good.write(to: URL(filePath: directory.database))

        var journal = try directory.open()
        #expect(try journal.recover().head.commit == 41)
        var scribe = try Scribe(journal)
        try journal.commit(scribe.next())
        journal.close()

        try good.write(to: URL(filePath: directory.database))
        let error = journalError { _ = try directory.open() }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("ends at commit 41, though commit 42 had been written") == true)
        try FileManager.default.removeItem(atPath: directory.highWaterMark)
        try good.write(to: URL(filePath: directory.database))
        journal = try directory.open()
        #expect(try journal.recover().head.commit == 41)
    }

    @Test("A crash while a file is being set aside: the log follows at the next start")
    func halfSetAside() throws {
        let journal = try directory.open()
        var scribe = try Scribe(journal)
        try journal.commit(scribe.turn(of: 1))
        let image = try directory.crashImage()
        let log = try Data(contentsOf: URL(filePath: image.log))
        try image.edit(image.database) { $0 = [] }
        #expect(journalError { _ = try image.open() }?.code == .damaged)
        try FileManager.default.moveItem(atPath: image.database + ".damaged-1-wal", toPath: image.log)
        #expect(journalError { _ = try image.open() }?.code == .damaged)
        #expect(try Data(contentsOf: URL(filePath: image.database + ".damaged-1-wal")) == log)
    }

    // MARK: What SQLite does not notice

    @Test("A file that is gone is not made again")
    func gone() throws {
        try written()
        try FileManager.default.removeItem(atPath: directory.database)
        let error = journalError { _ = try directory.open() }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("it had reached commit 41") == true)
        #expect(!directory.names.contains("partition-0.sqlite"))
    }

    @Test("A log without its database is not thrown away")
    func orphanedLog() throws {
        let journal = try directory.open()
        var scribe = try Scribe(journal)
        try journal.commit(scribe.turn(of: 1))
        let image = try directory.crashImage(highWaterMark: false)
        try FileManager.default.removeItem(atPath: image.database)
        #expect(journalError { _ = try image.open() }?.code == .damaged)
        #expect(image.names.contains("partition-0.sqlite-wal"))
    }

    /// SQLite drops everything behind a damaged frame of the log without a word, and its integrity check says ok.
    @Test("Commits that the log lost are missed", arguments: ["a bit flipped", "cut", "deleted", "header"])
    func log(kind: String) throws {
        let journal = try directory.open()
        var scribe = try Scribe(journal)
        for position in HistoryPosition(rawValue: 0)..<30 { try journal.commit(scribe.turn(of: 1, previous: position)) }
        let image = try directory.crashImage()
        switch kind {
        case "a bit flipped": try image.edit(image.log) { $0[$0.count / 2] ^= 4 }
        case "cut": try image.edit(image.log) { $0.removeLast($0.count / 3) }
        case "header": try image.edit(image.log) { $0[17] ^= 1 }
        default: try FileManager.default.removeItem(atPath: image.log)
        }
        let damaged = try? Data(contentsOf: URL(filePath: image.log))
        let error = journalError { _ = try image.open() }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("though commit 30 had been written") == true, "\(error?.message ?? "no error")")
        #expect(
            (try? Data(contentsOf: URL(filePath: image.database + ".damaged-1-wal"))) ?? Data() == damaged ?? Data(),
            "kept as found"
        )
    }

    @Test("A bit that flips in a payload is found when the payload is read, and harms only its instance")
    func payload() throws {
        try written()
        // Every one: SQLite also leaves old copies in the unused parts of its pages.
        try directory.edit(directory.database) { bytes in
            while let at = bytes.offset(of: "needle") { bytes[at] ^= 1 }
        }
        let journal = try directory.open()
        let error = journalError { _ = try journal.history(last: 40, first: 0) }
        #expect(error?.code == .damaged)
        #expect(
            error?.message.contains("the history of instance 1 at position ") == true,
            "\(error?.message ?? "no error")"
        )
        #expect(error?.message.contains("eedle") == false, "no payload in a message")
        #expect(try journal.history(last: 41, first: 0) == [.event("the other")])
    }

    @Test("A bit that flips in any other row is found too")
    func row() throws {
        try written()
        try directory.edit(directory.database) { bytes in
            // The name beside the id, which no index repeats.
            bytes[bytes.offset(of: "instance-1Order")! + "instance-1".utf8.count] ^= 1
        }
        let journal = try directory.open()
        let error = journalError { _ = try journal.instance(key: 1) }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("the row of instance 1 is damaged") == true, "\(error?.message ?? "no error")")
        #expect(try journal.instance(key: 2) != nil)
    }

    @Test("A damaged row hides none of those beside it, and is not believed")
    func beside() throws {
        try written()
        try directory.edit(directory.database) { bytes in
            while let at = bytes.offset(of: "the other") { bytes[at] ^= 1 }
        }
        let journal = try directory.open()
        let rows = try journal.historyRows(from: 39, limit: 10)
        #expect(rows.map(\.position) == [39, 40, 41])
        #expect(rows.map(\.records.isEmpty) == [false, false, true])
        #expect(journalError { _ = try journal.historyRow(at: 41) }?.code == .damaged)
    }

    @Test("An index that lost an instance is found at the start: the id could be started twice")
    func index() throws {
        try written()
        try directory.edit(directory.database) { bytes in
            // The index holds the id followed by the key, the table by the name.
            let table = bytes.offset(of: "instance-1Order")!
            let ids = bytes.indices.dropLast(10).filter { bytes[$0...].starts(with: Array("instance-1".utf8)) }
            bytes[ids.first { $0 != table }!] ^= 1
        }
        #expect(journalError { _ = try directory.open() }?.code == .damaged)
    }

    @Test("A history whose rows do not link up is damage, not an endless walk")
    func links() throws {
        let journal = try directory.open()
        var scribe = try Scribe(journal)
        try journal.commit(
            scribe.next {
                $0.history = [
                    .turn(at: 1, of: 1, previous: 0), .turn(at: 2, of: 2, previous: 1),
                    .turn(at: 3, of: 3, previous: 3),
                    .turn(at: 4, of: 4, previous: 9), .turn(at: 5, of: 5, previous: -1),
                ]
            }
        )
        for last in [2, 3, 4, 5, 77] as [HistoryPosition] {
            #expect(journalError { _ = try journal.history(last: last, first: 0) }?.code == .damaged, "from \(last)")
        }
        #expect(try journal.history(last: 1, first: 0).count == 1)
    }

    // MARK: Anything

    /// Two hundred single bits, anywhere in the file: each is found, or does not matter. Never a wrong value.
    @Test("No flipped bit is ever believed")
    func anyBit() throws {
        try written()
        let good = [UInt8](try Data(contentsOf: URL(filePath: directory.database)))
        let journal = try directory.open()
        let truth = try Everything(journal)
        journal.close()
        var random = SeededRandom(seed: 20)
        var found = 0
        for _ in 0..<200 {
            let bit = Int(random.next() % UInt64(good.count * 8))
            let flipped = JournalDirectory()
            var bytes = good
            bytes[bit / 8] ^= 1 << (bit % 8)
            try Data(bytes).write(to: URL(filePath: flipped.database))
            do {
                let journal = try flipped.open()
                #expect(try Everything(journal) == truth, "bit \(bit)")
            } catch let error as JournalError {
                #expect(error.code == .damaged || error.code == .mismatch, "bit \(bit): \(error)")
                found += 1
            }
        }
        #expect(found > 60)
    }
}

/// All that a journal says.
private struct Everything: Equatable {
    var recovered: RecoveredPartition
    var instances: [InstanceRow]
    var byID: [InstanceRow?]
    var rows: [HistoryRow]
    var histories: [[HistoryRecord]]

    init(_ journal: SQLiteJournal) throws {
        recovered = try journal.recover()
        instances = try journal.instances(after: 0, limit: 100)
        byID = [
            try journal.instance(InstanceID(trusted: "instance-1")),
            try journal.instance(InstanceID(trusted: "instance-2")),
        ]
        rows = try journal.historyRows(from: 1, limit: 1_000)
        histories = [try journal.history(last: 40, first: 0), try journal.history(last: 41, first: 0)]
    }
}
