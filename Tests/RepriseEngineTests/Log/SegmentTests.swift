import Logging
import Reprise
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Testing

@testable import RepriseEngine

@Suite struct SegmentTests {
    private let leaks = LeakCounter()
    private let journal: LoggedJournal
    private let log = NotedLog()
    private let replica: PartitionReplica

    init() throws {
        journal = try LoggedJournal()
        var log = LogSettings()
        log.segmentBytes = 1
        replica = .ofTests(journal, leaks, log: log)
    }

    private func take(_ beginning: Ownership.Beginning) throws -> Epoch {
        try replica.take(Ownership(link: NotedLink(), log: log, beginning: beginning)).epoch
    }

    @Test func aLogThatHasGrownGoesOnInTheNextSegment() throws {
        #expect(try take(.seed(segment: 1)) == 1)
        try replica.maintain()
        #expect(log.segments == [1, 2])
        #expect(log.pointers.map(\.segment) == [1, 2])
        #expect(log.records[1]?.last == .sealed(next: 2))
        #expect(log.deleted == [1])
        guard case .head(let head)? = log.records[2]?.first else {
            Issue.record("a segment begins with its head")
            return
        }
        #expect(head.standing == JournalPosition(journal.state.head))
        replica.close()
    }

    private func start(_ number: UInt64, _ replica: PartitionReplica) throws {
        let delivery = InboundDelivery(
            tag: number,
            message: .command(try Command.start("i\(number)", "Hello", message: "\(number)")),
            replyTo: nil,
            size: 1,
            original: NotedOriginal(text: "\(number)"),
            isRedelivered: false
        )
        _ = try replica.partition?.handle([delivery], settlements: [])
    }

    /// The partition stood still while a snapshot was made and written.
    @Test func commitsGoOnWhileASnapshotIsWritten() throws {
        _ = try take(.seed(segment: 1))
        let snapshot = SlowSnapshot(pieces: 6)
        journal.next = snapshot
        var tag: UInt64 = 0
        func commit() throws {
            tag += 1
            try start(tag, replica)
            try replica.maintain()
        }
        try commit()
        try commit()
        #expect(log.segments == [1] && replica.partition?.isRollingLog == true, "it is not made yet")
        snapshot.standing = JournalPosition(journal.state.head)
        try commit()
        #expect(log.segments == [1, 2] && log.pointers.map(\.segment) == [1], "four pieces are written")
        let kept = journal.state.head.commit
        try commit()
        #expect(log.pointers.map(\.segment) == [1, 2] && replica.partition?.isRollingLog == false)
        let next = log.records[2] ?? []
        let commits = next.compactMap { if case .commit(let commit) = $0 { commit.standing.commit } else { nil } }
        #expect(commits == [kept, kept.next] && next.count == 1 + 6 + 1 + 2)
        #expect(log.pointers.last?.commit == kept.previous)
        #expect(log.records[1]?.last == .sealed(next: 2))
        replica.close()
    }

    /// What is committed meanwhile is kept in memory.
    @Test func commitsThatAreKeptForASnapshotAreBounded() throws {
        var settings = LogSettings()
        settings.segmentBytes = 1
        settings.bytesKept = 1
        let replica = PartitionReplica.ofTests(journal, leaks, log: settings)
        _ = try replica.take(Ownership(link: NotedLink(), log: log, beginning: .seed(segment: 1)))
        let snapshot = SlowSnapshot(pieces: 100)
        journal.next = snapshot
        try replica.maintain()
        snapshot.whenWaitedFor = JournalPosition(journal.state.head)
        try start(1, replica)
        try replica.maintain()
        #expect(log.pointers.map(\.segment) == [1, 2] && log.records[2]?.count ?? 0 > 100)
        replica.close()
    }

    /// What is reckoned with a pointer's numbers trapped: anyone may have written them.
    @Test(arguments: [Int64(0), 1 << 42, 1 << 52, .max]) func aPointersNumbersEndNoProcess(records: Int64) throws {
        let pointer = LogAddress(segment: 1, commit: 0, records: records)
        let writer = LogWriter(
            log,
            format: journal.format,
            pointer: pointer,
            commit: CommitNumber(rawValue: 1 << 52),
            settings: LogSettings()
        )
        try writer.roll(journal)
        #expect(writer.pointer.records == records || log.pointers.count == 1)
    }

    /// The ownership was given up again and again, for a snapshot that could wait.
    @Test func withoutRoomForASnapshotTheLogMayGrow() throws {
        _ = try take(.seed(segment: 1))
        journal.hasRoom = false
        try replica.maintain()
        #expect(log.segments == [1], "nothing has begun")
        journal.hasRoom = true
        _ = try replica.partition?.handle([], settlements: [])
        try replica.maintain()
        #expect(log.pointers.map(\.segment).last == 2)
        replica.close()
    }

    /// A stream of another journal was deleted where the next segment wanted its number.
    @Test func aNumberThatAnotherJournalHasIsPassedOver() throws {
        _ = try take(.seed(segment: 1))
        log.occupied = [2, 3]
        for _ in 1...3 {
            #expect(log.pointers.map(\.segment) == [1])
            try replica.maintain()
            _ = try replica.partition?.handle([], settlements: [])
        }
        #expect(log.pointers.map(\.segment) == [1, 4])
        #expect(log.records[1]?.last == .sealed(next: 4))
        #expect(log.records[2] == nil && log.records[3] == nil)
        replica.close()
    }

    /// Where a log was turned on, every task that waited for a worker went out, and ran, a second time.
    @Test func whoeverBeginsToKeepALogSendsNothingAgain() throws {
        let rig = try PartitionFixture(journal: journal)
        try rig.send(.start("h", "Hello"))
        #expect(rig.takeTasks().count == 1)
        try rig.confirmAll()
        try rig.partition.flush()
        let before = journal.state.head.epoch
        #expect(try take(.seed(segment: 1, continues: true)) == before.next)
        var tasks = 0
        for _ in 1...10 {
            guard let effects = try replica.partition?.handle([], settlements: []) else { break }
            tasks += effects.publish.filter { if case .task = $0.message { true } else { false } }.count
        }
        #expect(tasks == 0)
        replica.close()
    }

    /// Of two histories that go on from a lost log, the one that is written must not be taken for the other.
    @Test func whoeverSeedsALostLogIsAboveAllOwnersBefore() throws {
        #expect(try take(.seed(segment: 1)) == 1)
        let epoch = try take(.seed(segment: 7))
        #expect(epoch > 1_000_000)
        #expect(journal.state.head.epoch == epoch)
        var other = LogFold(JournalPosition(commit: 500, checksum: 5, epoch: 90))
        let verdicts = log.records[7]?.map { other.judge($0) } ?? []
        #expect(verdicts.contains { if case .diverged = $0 { true } else { false } })
        replica.close()
    }
}

/// A journal in memory that logs; its changes and its file are empty.
private final class LoggedJournal: MemoryJournal {
    var hasRoom = true
    var next: (any JournalSnapshot)?

    override func commit(
        _ commit: JournalCommit,
        append: ((JournalChanges) throws(JournalError) -> Void)?
    ) throws(JournalError) {
        try append?(JournalChanges(rows: 0, bytes: []))
        try self.commit(commit)
    }

    override func snapshot() throws(JournalError) -> any JournalSnapshot {
        if let next { return next }
        guard hasRoom else { throw JournalError(.full, "the disk is full") }
        return EmptySnapshot(JournalPosition(state.head))
    }
}

private final class EmptySnapshot: JournalSnapshot {
    let standing: JournalPosition
    let size: Int64 = 0
    func isMade(waiting: Bool) -> Bool { true }
    init(_ standing: JournalPosition) { self.standing = standing }
    func next(_ count: Int) throws(JournalError) -> [UInt8]? { nil }
    func close() {}
}

/// Is made once it has a standing.
private final class SlowSnapshot: JournalSnapshot {
    var made: JournalPosition?
    /// What it is once someone waits for it, however long that takes.
    var whenWaitedFor: JournalPosition?
    private var pieces: Int
    init(pieces: Int) { self.pieces = pieces }

    var size: Int64 { 6 }
    var standing: JournalPosition {
        get { made ?? JournalPosition(commit: 0, checksum: 0, epoch: 0) }
        set { made = newValue }
    }

    func isMade(waiting: Bool) -> Bool {
        if waiting, made == nil { made = whenWaitedFor }
        return made != nil
    }

    func next(_ count: Int) -> [UInt8]? {
        guard pieces > 0 else { return nil }
        pieces -= 1
        return [1]
    }

    func close() {}
}

/// Takes everything, at once.
private final class NotedLog: PartitionLog, @unchecked Sendable {
    // Proof of Sendable: these tests run in one thread.
    var records: [Int64: [LogRecord]] = [:]
    var segments: [Int64] = []
    var pointers: [LogAddress] = []
    var deleted: [Int64] = []

    func append(_ record: [UInt8], to segment: Int64) throws(JournalError) {
        do {
            records[segment, default: []].append(try LogRecordCodec.decode(record))
        } catch {
            throw JournalError(.failed, "\(error)")
        }
    }

    func append(_ records: [[UInt8]], to segment: Int64) throws(JournalError) {
        for record in records { try append(record, to: segment) }
    }

    var occupied: Set<Int64> = []

    func open(segment: Int64) throws(JournalError) {
        guard !occupied.contains(segment) else { throw JournalError(.occupied, "it is another journal's") }
        segments.append(segment)
    }
    func prepare(segment: Int64) {}
    func point(to pointer: LogAddress) throws(JournalError) { pointers.append(pointer) }
    func delete(segment: Int64) { deleted.append(segment) }
}
