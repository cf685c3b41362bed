import Foundation
import RepriseEngine
import RepriseJournal
import RepriseKernel
import Testing

@Suite("What a crash leaves")
struct CrashTests {
    let directory = JournalDirectory()

    @Test("Every commit that returned is there, though nothing was closed")
    func image() throws {
        let journal = try directory.open()
        var scribe = try Scribe(journal)
        for position in HistoryPosition(rawValue: 0)..<20 {
            try journal.commit(scribe.turn(of: 1, previous: position, text: "\(position)"))
        }
        let image = try directory.crashImage()
        let reopened = try image.open()
        #expect(try reopened.recover() == journal.recover())
        #expect(try reopened.history(last: 20, first: 0) == (0..<20).map { .event("\($0)") })
    }

    @Test("A commit that was cut off in the log is not there, and the one before is", arguments: [1, 24, 4_000, 4_121])
    func torn(bytes: Int) throws {
        let journal = try directory.open()
        var scribe = try Scribe(journal)
        try journal.commit(scribe.turn(of: 1))
        try journal.commit(scribe.turn(of: 1, previous: 1))
        // A crash before the sync returned: the high-water mark knows nothing of the second commit yet.
        let image = try directory.crashImage()
        try image.edit(image.highWaterMark) {
            $0 = Array(String(decoding: $0, as: UTF8.self).replacing("0002\n", with: "0001\n").utf8)
        }
        try image.edit(image.log) { $0.removeLast(bytes) }
        let reopened = try image.open()
        #expect(try reopened.recover().head.commit == 1)
        #expect(try reopened.history(last: 1, first: 0).count == 1)
        #expect(try reopened.historyRow(at: 2) == nil)
    }

    @Test("Killed in the middle of its work: all that was acknowledged is there, and the lock is free")
    func killed() async throws {
        let path = directory.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let store = SQLiteJournalStore(
                directory: path,
                hub: try HubName("orders"),
                partition: PartitionNumber(0),
                partitionCount: 4,
                makeID: { "killed" }
            )
            let journal = try store.opened()
            var scribe = try Scribe(journal)
            Thread.detachNewThread {
                usleep(100_000)
                kill(getpid(), SIGKILL)
            }
            var previous: HistoryPosition = 0
            while true {
                try journal.commit(scribe.turn(of: 1, previous: previous))
                previous += 1
            }
        }
        let mark = try String(contentsOfFile: directory.highWaterMark, encoding: .utf8)
        let acknowledged = try #require(
            mark.split(separator: "\n").last.flatMap { Int64($0.dropFirst("commit ".count)) }
        )
        let journal = try directory.open()
        let recovered = try journal.recover().head.commit.rawValue
        #expect(acknowledged > 0)
        #expect((acknowledged...(acknowledged + 1)).contains(recovered))
        #expect(try journal.history(last: HistoryPosition(rawValue: recovered), first: 0).count == Int(recovered))
    }
}

extension JournalDirectory {
    func size(of file: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? -1
    }
}
