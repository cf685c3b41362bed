import Foundation
import RepriseEngine
import RepriseKernel
import Testing

@testable import RepriseJournal

@Suite("A partition's place is opened, begun, replaced, never confused")
struct StoreTests {
    let directory = JournalDirectory()
    let other = JournalDirectory()

    /// A journal with ten commits, closed.
    private func written(_ directory: JournalDirectory, id: String = "journal-1") throws {
        let journal = try directory.open(id: id)
        var scribe = try Scribe(journal)
        for position in 0..<10 as Range<HistoryPosition> { try journal.commit(scribe.turn(of: 1, previous: position)) }
        journal.close()
    }

    @Test("Nothing is nothing: it is made only when that is asked for, and once")
    func begin() throws {
        let store = try directory.store()
        #expect(try store.open() == nil)
        #expect(try store.open() == nil)
        #expect(directory.names == ["partition-0.lock"])
        let journal = try store.create()
        journal.close()
        #expect(journalError { _ = try store.create() }?.code == .mismatch)
        #expect(try store.open()?.identity.id == "journal-1")
    }

    @Test("One journal at a time, and one process, also between closing and opening again")
    func lock() throws {
        let store = try directory.store()
        let journal = try store.create()
        #expect(journalError { _ = try store.open() }?.code == .inUse)
        #expect(journalError { _ = try store.create() }?.code == .inUse)
        #expect(journalError { try store.setAside("x") }?.code == .inUse)
        journal.close()
        #expect(journalError { _ = try directory.open() }?.code == .inUse, "the store still holds it")
        let receiver = try store.receive()
        #expect(journalError { _ = try directory.store().receive() }?.code == .inUse)
        receiver.discard()
        #expect(try store.open() != nil)
    }

    @Test("A journal holds the lock when its store is gone")
    func journalOutlivesStore() throws {
        var store: SQLiteJournalStore? = try directory.store()
        let journal = try store?.create()
        store = nil
        #expect(journalError { _ = try directory.open() }?.code == .inUse)
        journal?.close()
        #expect(try directory.store().open() != nil)
    }

    @Test("A journal that was lost or set aside is not begun again, but a snapshot may take its place")
    func damage() throws {
        try written(directory)
        try written(other)
        try directory.edit(directory.database) { $0[3] ^= 1 }
        let store = try directory.store()
        #expect(journalError { _ = try store.open() }?.code == .damaged)
        #expect(journalError { _ = try store.create() }?.code == .damaged)

        let journal = try store.take(other.open())
        #expect(try journal.standing().commit == 10)
        journal.close()
        #expect(try String(contentsOfFile: directory.highWaterMark, encoding: .utf8).contains("set aside") == false)
        #expect(try store.open()?.standing().commit == 10)
        #expect(directory.names.contains("partition-0.sqlite.damaged-1"), "for people to look at")
    }

    @Test("Gone without a trace but its high-water mark: the same", arguments: ["gone", "unreadable mark"])
    func gone(kind: String) throws {
        try written(directory)
        try written(other)
        try FileManager.default.removeItem(atPath: directory.database)
        if kind != "gone" { try directory.edit(directory.highWaterMark) { $0 = Array("nonsense".utf8) } }
        let store = try directory.store()
        #expect(journalError { _ = try store.open() }?.code == .damaged)
        #expect(journalError { _ = try store.create() }?.code == .damaged)
        #expect(try store.take(other.open()).standing().commit == 10)
    }

    @Test("What is set aside by decision is refused like damage, with the reason")
    func setAside() throws {
        try written(directory)
        try written(other)
        let store = try directory.store()
        try store.setAside("the log of another journal won\nby far")
        for _ in 1...2 {
            let error = journalError { _ = try store.open() }
            #expect(error?.code == .damaged)
            #expect(error?.message.contains("damaged-1: the log of another journal won by far") == true)
        }
        #expect(journalError { _ = try store.create() }?.code == .damaged)
        try store.setAside("nothing is there any more")
        #expect(try store.take(other.open()).standing().commit == 10)
    }

    @Test("What a snapshot replaces is kept, the last one only")
    func replaced() throws {
        try written(directory, id: "old")
        try written(other)
        let first = try Data(contentsOf: URL(filePath: directory.database))
        let store = try directory.store()
        let journal = try other.open()
        try store.take(journal).close()
        #expect(try Data(contentsOf: URL(filePath: directory.database + ".replaced")) == first)
        try store.take(journal)
        #expect(
            directory.names.filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") } == [
                "partition-0.lock", "partition-0.sqlite", "partition-0.sqlite.replaced", "partition-0.witness",
            ]
        )
        #expect(try Data(contentsOf: URL(filePath: directory.database + ".replaced")) != first)
    }

    @Test("A journal that is still open is closed before another takes its place")
    func replacedWhileOpen() throws {
        let store = try directory.store()
        let mine = try store.opened()
        var scribe = try Scribe(mine)
        try mine.commit(scribe.turn(of: 1))
        try written(other)
        let taken = try store.take(other.open())
        #expect(journalError { try mine.commit(scribe.next()) }?.code == .failed)
        #expect(try taken.standing().commit == 10)
        #expect(try taken.history(last: 10, first: 0).count == 10)
    }
}
