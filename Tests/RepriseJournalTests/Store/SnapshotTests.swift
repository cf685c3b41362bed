import Foundation
import GRDB
import RepriseEngine
import RepriseKernel
import Testing

@testable import RepriseJournal

@Suite("A snapshot is the journal at one commit, or it is refused")
struct SnapshotTests {
    let directory = JournalDirectory()
    let other = JournalDirectory()

    private func journal(commits: Int = 40, seed: UInt64 = 7) throws -> (SQLiteJournal, RandomWork) {
        let journal = try directory.open()
        var work = try RandomWork(journal, seed: seed)
        for _ in 0..<commits { try journal.log(work.commit()) }
        return (journal, work)
    }

    private func bytes(of snapshot: any JournalSnapshot) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try snapshot.next(10_000) { bytes += piece }
        return bytes
    }

    private func receive(_ bytes: [UInt8], _ head: LogHead, size: Int? = nil, digest: [UInt8]? = nil) throws {
        let receiver = try other.store().receive()
        try receiver.write(bytes)
        try receiver.finish(
            size: Int64(size ?? bytes.count),
            digest: digest ?? SHA256Digest.of(bytes),
            head: head
        ).close()
    }

    @Test("A snapshot and the commits after it are the journal")
    func rest() throws {
        var (journal, work) = try journal()
        let snapshot = try journal.madeSnapshot()
        let head = try journal.head()
        #expect(snapshot.standing == head.standing)
        let rest = try (0..<100).map { _ in try journal.log(work.commit()) }

        // Taken before those, read after them.
        let receiver = try other.store().receive()
        var digest = SHA256Digest()
        var size: Int64 = 0
        while let piece = try snapshot.next(1_000) {
            #expect(piece.count <= 1_000)
            digest.combine(piece)
            size += Int64(piece.count)
            try receiver.write(piece)
        }
        #expect(size == snapshot.size)
        let copy = try receiver.finish(size: size, digest: digest.bytes(), head: head)
        #expect(try copy.standing() == head.standing)
        try copy.apply(rest)
        #expect(try #require(copy as? SQLiteJournal).dump() == journal.dump())
        #expect(copy.identity == journal.identity)
    }

    /// A large one took seconds, in which its partition stood still.
    @Test("Commits go on while it is made: it is the journal as of one of them")
    func beside() throws {
        var (journal, work) = try journal()
        let before = try journal.standing().commit
        let snapshot = try journal.snapshot()
        var commits: [LoggedCommit] = []
        repeat { commits.append(try journal.log(work.commit())) } while try !snapshot.isMade(waiting: false)
        let standing = snapshot.standing
        #expect((before...before.advanced(by: Int64(commits.count))).contains(standing.commit))
        let head = LogHead(identity: journal.identity, segment: 1, format: journal.format, standing: standing)
        let whole = try bytes(of: snapshot)
        let receiver = try other.store().receive()
        try receiver.write(whole)
        let copy = try receiver.finish(size: snapshot.size, digest: SHA256Digest.of(whole), head: head)
        try copy.apply(commits.filter { $0.standing.commit > standing.commit })
        #expect(try #require(copy as? SQLiteJournal).dump() == journal.dump())
    }

    /// Commits beside it found the disk full first, and the partition was given up, at each try.
    @Test("Where there is no room for it, nothing is written")
    func room() throws {
        let (journal, _) = try journal()
        let names = directory.names
        let files = JournalFiles(directory: directory.path, partition: PartitionNumber(0))
        let size = try FileManager.default.attributesOfItem(atPath: files.database)[.size] as? Int64 ?? 0
        let maker = try SnapshotMaker(files) { _ in size }
        #expect(journalError { try maker.outcome(waiting: true)?.get() }?.code == .full)
        #expect(directory.names == names)
        let made = try SnapshotMaker(files) { _ in size + 64 << 20 }
        #expect(try #require(try made.outcome(waiting: true)?.get()).standing == journal.standing())
        maker.stop()
        made.stop()
    }

    @Test("Dropped while it is made, it ends at once and leaves nothing behind")
    func dropped() throws {
        let (journal, _) = try journal()
        let names = directory.names
        for _ in 1...5 {
            let snapshot = try journal.snapshot()
            snapshot.close()
            #expect(directory.names == names)
            #expect(journalError { _ = try snapshot.next(1) }?.code == .failed)
        }
    }

    @Test("It leaves nothing behind, closed, dropped or after a crash")
    func leftovers() throws {
        let (journal, _) = try journal()
        let names = directory.names
        var snapshot: (any JournalSnapshot)? = try journal.madeSnapshot()
        #expect(directory.names == names, "the file has no name while it is read")
        snapshot?.close()
        #expect(journalError { _ = try snapshot?.next(1) }?.code == .failed)
        snapshot = nil
        journal.close()
        try Data("half a snapshot".utf8).write(to: URL(filePath: directory.database + ".snapshot"))
        try Data("half another".utf8).write(to: URL(filePath: directory.database + ".incoming"))
        try directory.open().close()
        #expect(directory.names == ["partition-0.lock", "partition-0.sqlite", "partition-0.witness"])
    }

    @Test("Two at a time do not disturb each other, nor the work")
    func two() throws {
        var (journal, work) = try journal()
        let first = try journal.madeSnapshot()
        let half = try first.next(20_000) ?? []
        try journal.log(work.commit())
        let second = try journal.madeSnapshot()
        #expect(second.standing.commit == first.standing.commit.next)
        let rest = try bytes(of: first)
        try receive(
            half + rest,
            LogHead(identity: journal.identity, segment: 1, format: 1, standing: first.standing)
        )
    }

    @Test(
        "One that is short, damaged, another's or elsewhere is refused, and what lies here stays",
        arguments: [
            "short", "long", "digest", "a bit", "commit", "checksum", "epoch", "journal", "hub", "format", "text",
            "empty", "rows",
        ]
    )
    func refused(kind: String) throws {
        let mine = try other.open(id: "mine")
        var scribe = try Scribe(mine)
        try mine.commit(scribe.turn(of: 1))
        let before = try mine.dump()
        mine.close()
        let (journal, _) = try journal()
        let whole = try bytes(of: journal.madeSnapshot())
        var head = try journal.head()
        var changed = whole
        let digest: [UInt8]? = ["short", "long", "digest", "a bit"].contains(kind) ? SHA256Digest.of(whole) : nil
        switch kind {
        case "short": changed.removeLast(4096)
        case "long": changed += [0]
        case "digest": changed = changed.reversed()
        case "a bit": changed[changed.count / 2] ^= 1
        case "commit": head.standing.commit += 1
        case "checksum": head.standing.checksum += 1
        case "epoch": head.standing.epoch = head.standing.epoch.next
        case "journal": head.identity.id = "another"
        case "hub": head.identity.hub = try HubName("invoices")
        case "format": head.format = 99
        case "text": changed = Array("a letter".utf8)
        case "empty": changed = []
        // Whole by its digest, but written from a damaged file.
        default: for at in 4096 * 3..<4096 * 5 { changed[at] = 0 }
        }
        let error = journalError {
            try receive(changed, head, size: digest == nil ? changed.count : whole.count, digest: digest)
        }
        #expect(error?.code == (kind == "format" ? .mismatch : .damaged), "\(error?.message ?? "none")")
        #expect(!other.names.contains { $0.contains("incoming") || $0.contains("received") })
        #expect(try other.open().dump() == before)
        #expect(try other.open().identity.id == "mine")
    }

    @Test("Another hub's or partition's snapshot is refused by name")
    func foreign() throws {
        let (journal, _) = try journal()
        let whole = try bytes(of: journal.madeSnapshot())
        let receiver = try other.store(hub: "invoices").receive()
        try receiver.write(whole)
        let error = journalError {
            _ = try receiver.finish(size: Int64(whole.count), digest: SHA256Digest.of(whole), head: journal.head())
        }
        #expect(error?.code == .mismatch)
        #expect(error?.message.contains("of hub orders, not of partition 0 of 4 of hub invoices") == true)
    }

    @Test("A receiver that is dropped or finished takes nothing more")
    func finished() throws {
        let (journal, _) = try journal()
        let whole = try bytes(of: journal.madeSnapshot())
        let store = try other.store()
        var receiver: (any SnapshotReceiver)? = try store.receive()
        try receiver?.write([1, 2, 3])
        receiver = nil
        #expect(other.names == ["partition-0.lock"])
        let second = try store.receive()
        try second.write(whole)
        try second.finish(size: Int64(whole.count), digest: SHA256Digest.of(whole), head: journal.head()).close()
        #expect(journalError { try second.write([1]) }?.code == .failed)
        second.discard()
        #expect(try store.open() != nil, "discarding what has become the journal does nothing")
    }

    // MARK: Crashes

    /// Every step of the replacement as a crash would leave it: the new one is there, whole, and the old one aside.
    @Test("A crash while a snapshot takes the journal's place leaves the old or the new", arguments: 0...6)
    func crashes(step: Int) throws {
        let mine = try other.open(id: "mine")
        var scribe = try Scribe(mine)
        try mine.commit(scribe.turn(of: 1))
        // Not closed in an orderly way: its last commit lies in the write-ahead log.
        let image = try other.crashImage()
        let (journal, _) = try journal()
        let whole = try bytes(of: journal.madeSnapshot())
        let file = image.database
        func move(_ from: String, _ to: String) throws { try FileManager.default.moveItem(atPath: from, toPath: to) }

        try Data(step == 0 ? Array(whole.prefix(9_000)) : whole).write(to: URL(filePath: file + ".incoming"))
        if step >= 2 { try move(file + ".incoming", file + ".received") }
        if step >= 3 { try move(file, file + ".replaced") }
        if step >= 4 { try move(file + "-wal", file + ".replaced-wal") }
        if step >= 5 { try FileManager.default.removeItem(atPath: image.highWaterMark) }
        if step >= 6 { try move(file + ".received", file) }

        if step >= 2 {
            let finding = JournalCheckup.run(directory: image.path, partition: PartitionNumber(0)).finding
            #expect(finding == .sound(journal.identity, commits: 40), "and a checkup before that finds the new one")
        }
        let opened = try image.open()
        #expect(opened.identity.id == (step < 2 ? "mine" : "journal-1"))
        #expect(try opened.dump() == (step < 2 ? mine.dump() : journal.dump()))
        opened.close()
        #expect(!image.names.contains { $0.contains("incoming") || $0.contains("received") })
        if step >= 2 {
            try FileManager.default.removeItem(atPath: file)
            for suffix in ["", "-wal"] { try move(file + ".replaced" + suffix, file + suffix) }
            try FileManager.default.removeItem(atPath: image.highWaterMark)
        }
        #expect(try image.open().dump() == mine.dump(), "the old one is whole")
    }
}
