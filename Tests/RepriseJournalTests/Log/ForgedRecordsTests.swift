import Logging
import Reprise
import RepriseEngine
import RepriseKernel
import Testing

@testable import RepriseJournal

/// The name of a log's stream can be guessed, and anyone who may publish to the default exchange may append to it.
/// Three junk records left a partition without an owner until a person acted, also on the node that had the whole
/// journal.
@Suite("S2: records in a log that are no one's")
struct ForgedRecordsTests {
    private let disk = MemoryDisk()
    private let source = JournalDirectory()

    private func replica() throws -> PartitionReplica {
        var settings = PartitionSettings()
        settings.log = LogSettings()
        return PartitionReplica(
            store: try disk.store(),
            orchestrators: [:],
            settings: settings,
            environment: PartitionEnvironment(
                wallClock: { Timestamp(milliseconds: 1) },
                steadyClock: { .zero },
                makeSecret: { TaskSecret(high: 7, low: 9) }
            ),
            marker: NoMarker(),
            logger: Logger(label: "forged", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    private final class NoMarker: TurnMarker {
        var epoch: Epoch = 0
        func beginTrial(of instance: InstanceID) {}
        func endTrial() {}
        func enter(_ instance: InstanceID) {}
        func leave() {}
        func takeUnfinished() -> UnfinishedTurn? { nil }
    }

    private let pointer = LogAddress(segment: 1, commit: 0, records: 0)
    private let junk: [UInt8] = Array("this is not a record of any kind".utf8)

    /// A segment: head, snapshot, and commits after it.
    private func log(commits: Int) throws -> (head: [LogRecord], commits: [LogRecord]) {
        let journal = try source.open()
        let snapshot = try journal.madeSnapshot()
        var records: [LogRecord] = [.head(try journal.head())]
        var digest = SHA256Digest()
        while let bytes = try snapshot.next(5_000) {
            digest.combine(bytes)
            records.append(.snapshot(index: records.count - 1, bytes: bytes))
        }
        records.append(.snapshotEnd(size: snapshot.size, digest: digest.bytes()))
        var scribe = try Scribe(journal)
        return (
            records,
            try (1...commits).map { .commit(try journal.log(scribe.turn(of: InstanceKey(rawValue: Int64($0))))) }
        )
    }

    private func entries(_ records: [LogRecord]) -> [LogEntry] { numbered(records.map(LogRecordCodec.encode)) }

    private func numbered(_ records: [[UInt8]]) -> [LogEntry] {
        records.enumerated().map { LogEntry(offset: Int64($0.offset), bytes: $0.element) }
    }

    @Test("Junk anywhere in a log is passed over and counted")
    func junkAnywhere() throws {
        let (head, commits) = try log(commits: 3)
        let replica = try replica()
        try replica.read(pointer, rebuilding: true)
        let records = (head + commits).map(LogRecordCodec.encode)
        let progress = try replica.follow(numbered([junk] + records.flatMap { [$0, junk, []] }))
        #expect(progress?.standing.commit == 3)
        #expect(progress?.strangeRecords == Int64(records.count * 2 + 1))
    }

    @Test("Forged fences do not take the log from its owner")
    func fences() throws {
        let (head, commits) = try log(commits: 2)
        let replica = try replica()
        try replica.read(pointer, rebuilding: true)
        let forged: [LogRecord] = [
            .fence(epoch: 1_000_000_000, nonce: 1, node: "x"),
            .fence(epoch: Epoch(rawValue: .max), nonce: 2, node: "x"),
        ]
        let progress = try replica.follow(entries(head + [commits[0]] + forged + [commits[1]]))
        #expect(progress?.standing.commit == 2)
        #expect(progress?.fences == [:])
        #expect(progress?.strangeRecords == 2)
    }

    /// Each node that took the partition trapped, at each start: what was reckoned with the forged commit overflowed.
    @Test("A pointer that names another commit than the head it leads to is not believed")
    func pointers() throws {
        let (head, commits) = try log(commits: 2)
        let replica = try replica()
        try replica.read(
            LogAddress(segment: 1, commit: CommitNumber(rawValue: 1 << 52), records: 1 << 52),
            rebuilding: true
        )
        let error = journalError { _ = try replica.follow(entries(head + commits)) }
        #expect(error?.code == .damaged)
        let says = "begins after commit 0, but the record of the journal says 4503599627370496"
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "believed")")
    }

    @Test("A damaged record of an owner is a hole, and a hole is not junk")
    func holes() throws {
        let (head, commits) = try log(commits: 3)
        var records = (head + commits).map(LogRecordCodec.encode)
        records[records.count - 2][20] ^= 1
        let replica = try replica()
        try replica.read(pointer, rebuilding: true)
        let error = journalError { _ = try replica.follow(numbered(records)) }
        #expect(error?.code == .diverged)
        #expect(error?.message.contains("the log continues at commit 3") == true, "\(error?.message ?? "taken")")
    }
}
