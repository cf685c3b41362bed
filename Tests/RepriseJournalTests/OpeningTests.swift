import Foundation
import GRDB
import RepriseEngine
import RepriseJournal
import RepriseKernel
import Testing

@Suite("A journal is opened by its one owner, or not at all")
struct OpeningTests {
    let directory = JournalDirectory()

    @Test(
        "Another hub, partition or partition count is refused and named",
        arguments: [
            ("invoices", 0, 4, "not of partition 0 of 4 of hub invoices"),
            ("orders", 0, 8, "not of partition 0 of 8 of hub orders"),
        ]
    )
    func mismatch(hub: String, partition: Int, count: Int, says: String) throws {
        try directory.open().close()
        let error = journalError { _ = try directory.open(hub: hub, partition: partition, partitionCount: count) }
        #expect(error?.code == .mismatch)
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "no error")")
        #expect(try directory.open().identity.hub.value == "orders", "and nothing was changed")
    }

    @Test("A file under the name of another partition is refused")
    func renamed() throws {
        try directory.open().close()
        try FileManager.default.moveItem(atPath: directory.database, toPath: "\(directory.path)/partition-2.sqlite")
        let error = journalError { _ = try directory.open(partition: 2) }
        #expect(error?.code == .mismatch)
    }

    @Test("A second opener is kept out and told who has it; partitions do not get in each other's way")
    func twice() throws {
        let journal = try directory.open()
        let error = journalError { _ = try directory.open() }
        #expect(error?.code == .inUse)
        #expect(error?.message.contains("process \(ProcessInfo.processInfo.processIdentifier)") == true)
        let neighbor = try directory.open(partition: 1)
        neighbor.close()
        journal.close()
        try directory.open().close()
    }

    @Test("A journal of a newer release is refused and left alone")
    func newer() throws {
        try directory.open().close()
        try DatabaseQueue(path: directory.database).write { try $0.execute(sql: "PRAGMA user_version = 99") }
        let error = journalError { _ = try directory.open() }
        #expect(error?.code == .mismatch)
        #expect(error?.message.contains("newer release") == true)
        #expect(directory.names.contains("partition-0.sqlite"))
    }

    @Test("A database of someone else is refused and left alone")
    func foreign() throws {
        try DatabaseQueue(path: directory.database).write { try $0.execute(sql: "CREATE TABLE t (a)") }
        #expect(journalError { _ = try directory.open() }?.code == .mismatch)
        #expect(directory.names.contains("partition-0.sqlite"))
    }

    @Test("Another journal in its place is refused until a person agrees")
    func replaced() throws {
        try directory.open(id: "a").close()
        let other = JournalDirectory()
        try other.open(id: "b").close()
        try FileManager.default.removeItem(atPath: directory.database)
        try FileManager.default.copyItem(atPath: other.database, toPath: directory.database)
        let error = journalError { _ = try directory.open() }
        #expect(error?.code == .mismatch)
        #expect(error?.message.contains(directory.highWaterMark) == true)
        try FileManager.default.removeItem(atPath: directory.highWaterMark)
        #expect(try directory.open().identity.id == "b")
    }

    @Test("What a crash left of a journal in the making is thrown away")
    func unfinished() throws {
        try Data("half a file".utf8).write(to: URL(filePath: directory.database + ".new"))
        try Data("half a log".utf8).write(to: URL(filePath: directory.database + ".new-journal"))
        try directory.open().close()
        #expect(directory.names == ["partition-0.lock", "partition-0.sqlite", "partition-0.witness"])
    }

    @Test("The directory is made when it is missing")
    func directoryIsMade() throws {
        let nested = "\(directory.path)/a/b"
        try directory.store(path: nested).create().close()
        #expect(FileManager.default.fileExists(atPath: "\(nested)/partition-0.sqlite"))
    }

    @Test("A directory that cannot be written to is a failure with a reason")
    func forbidden() throws {
        let error = journalError { _ = try directory.store(path: "/proc/no").open() }
        #expect(error?.code == .failed)
        #expect(error?.message.contains("/proc/no") == true)
    }
}
