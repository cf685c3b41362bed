import GRDB
import RepriseEngine
import RepriseKernel
import Testing

@testable import RepriseJournal

@Suite("A journal without a disk behaves like one on a disk")
struct MemoryStoreTests {
    let disk = MemoryDisk()

    @Test("Nothing is nothing; what was made is there after the process")
    func begin() throws {
        let store = try disk.store()
        #expect(try store.open() == nil)
        var journal = try store.opened()
        var scribe = try Scribe(journal)
        try journal.commit(scribe.turn(of: 1))
        #expect(journalError { _ = try disk.store().open() }?.code == .inUse)
        disk.crash()
        #expect(journalError { try journal.commit(scribe.next()) }?.code == .failed, "a dead process commits no more")
        journal = try disk.store(id: "other").opened()
        #expect(journal.identity.id == "journal-1")
        #expect(try journal.history(last: 1, first: 0).count == 1)
        #expect(journalError { _ = try store.create() }?.code == .inUse)
    }

    @Test("A crash in the middle of a commit leaves what was committed before")
    func crash() throws {
        let journal = try disk.store().opened()
        var scribe = try Scribe(journal)
        try journal.commit(scribe.turn(of: 1))
        let before = try journal.dump()
        let commit = scribe.turn(of: 1, previous: 1)
        let error = journalError {
            try journal.commit(commit) { _ throws(JournalError) in
                disk.crash()
                throw JournalError(.unlogged, "killed")
            }
        }
        #expect(error?.code == .unlogged)
        let reopened = try disk.store().opened()
        #expect(try reopened.dump() == before)
        try reopened.commit(commit)
    }

    @Test("Work of every kind leaves the same rows on a disk and without")
    func sameRows() throws {
        let directory = JournalDirectory()
        let (mine, other) = (try disk.store().opened(), try directory.open())
        var (work, same) = (try RandomWork(mine, seed: 11), try RandomWork(other, seed: 11))
        for _ in 0..<300 { #expect(try mine.log(work.commit()) == other.log(same.commit())) }
        #expect(try mine.dump() == other.dump())
        try mine.tidy(idle: true)
    }

    @Test("Snapshots go from disk to memory and back")
    func snapshots() throws {
        let directory = JournalDirectory()
        let journal = try disk.store().opened()
        var work = try RandomWork(journal, seed: 12)
        for _ in 0..<50 { try journal.log(work.commit()) }
        let onDisk = try directory.store().take(journal)
        let back = MemoryDisk()
        let copy = try back.store().take(onDisk)
        let next = try journal.log(work.commit())
        try copy.apply([next])
        try onDisk.apply([next])
        #expect(try copy.dump() == journal.dump())
        #expect(try onDisk.dump() == journal.dump())
        back.crash()
        #expect(try back.store().opened().dump() == journal.dump())
    }

    @Test("A snapshot replaces what lay there, an unfinished or wrong one does not")
    func replace() throws {
        let other = MemoryDisk()
        let journal = try other.store(id: "theirs").opened()
        let mine = try disk.store().opened()
        let receiver = try disk.store().receive()
        try receiver.write([1, 2, 3])
        #expect(
            journalError {
                _ = try receiver.finish(size: 3, digest: SHA256Digest.of([1, 2, 3]), head: journal.head())
            }?
            .code == .damaged
        )
        #expect(try mine.standing().commit == 0)
        #expect(try disk.store().take(journal).identity.id == "theirs")
        #expect(journalError { _ = try mine.standing() }?.code == .failed)
    }

    @Test("What is set aside is refused until a snapshot takes its place; what is wiped never was")
    func setAside() throws {
        let store = try disk.store()
        let journal = try store.opened()
        journal.close()
        try store.setAside("a reason")
        #expect(journalError { _ = try store.open() }?.message.contains("a reason") == true)
        #expect(journalError { _ = try store.create() }?.code == .damaged)
        let other = MemoryDisk()
        let theirs = try other.store().opened()
        #expect(try store.take(theirs).standing().commit == 0)
        disk.wipe()
        #expect(try store.open() == nil)
    }

    @Test("A full disk rolls back, as on a disk")
    func full() throws {
        let journal = try disk.store().opened()
        var scribe = try Scribe(journal)
        try journal.limit(pages: 40)
        let large = scribe.next {
            $0.history = (1...50).map { .turn(at: $0, of: 1, previous: 0, text: String(repeating: "x", count: 10_000)) }
        }
        #expect(journalError { try journal.commit(large) }?.code == .full)
        try journal.limit(pages: 1_000_000)
        try journal.commit(large)
    }
}
