import RepriseKernel

/// Writes an owner's records to its partition's log: the only code that appends, for as long as the ownership lasts.
///
/// ```
///  commit:      write rows ─► append, confirmed ─► COMMIT               the journal is never ahead of the log
///  segment:  snapshot, commits ─► stream g+1 ─► pointer ─► seal g    a log is never longer than it need be
/// ```
package final class LogWriter {
    let log: any PartitionLog
    private let format: Int
    private let settings: LogSettings
    private(set) var pointer: LogAddress
    private var bytesAppended: Int64
    private var bytesOfSnapshot: Int64
    private var isPrepared = false
    /// The next segment, while it is being filled.
    private var successor: NextSegment?
    /// Numbers after this segment's that are taken by other journals' streams.
    private var occupied: Int64 = 0
    private var next: Int64 { pointer.segment + 1 + occupied }
    /// Whether the next segment is being filled: there is work to do although nothing arrives.
    var isRolling: Bool { successor != nil }

    /// A commit's record counts as at least this large: for segments whose owners come and go before any of them fills
    /// one.
    private static let minimumBytes: Int64 = 512

    /// Continues in the segment of `pointer`, which already contains the writer's fence.
    ///
    /// - Parameter commit: the last commit that the segment holds.
    init(_ log: any PartitionLog, format: Int, pointer: LogAddress, commit: CommitNumber, settings: LogSettings) {
        self.log = log
        self.format = format
        self.pointer = pointer
        self.settings = settings
        bytesAppended = Self.bounded(pointer.commit.distance(to: commit)) * Self.minimumBytes
        bytesOfSnapshot = Self.bounded(pointer.records - 3) * Int64(settings.pieceBytes)
    }

    /// A pointer comes from outside: arithmetic with it must not overflow. No log has that many records.
    private static func bounded(_ count: Int64) -> Int64 { min(max(0, count), 1 << 24) }

    /// Begins a segment with what the journal holds. A crash in between leaves a stream that no pointer leads to.
    static func seed(
        _ log: any PartitionLog,
        _ segment: Int64,
        with journal: any PartitionJournal,
        epoch: Epoch,
        settings: LogSettings
    ) throws(JournalError) -> LogWriter {
        let first = try NextSegment(segment, of: log, with: journal, settings: settings)
        try first.writeAll()
        var pointer = first.pointer
        pointer.epoch = epoch
        let writer = LogWriter(
            log,
            format: journal.format,
            pointer: pointer,
            commit: pointer.commit,
            settings: settings
        )
        writer.bytesOfSnapshot = first.bytesOfSnapshot
        return writer
    }

    /// From now on readers of the log find it here.
    func publishPointer() throws(JournalError) { try log.point(to: pointer) }

    func fence(epoch: Epoch, nonce: UInt64, node: String) throws(JournalError) {
        try log.append(LogRecordCodec.encode(.fence(epoch: epoch, nonce: nonce, node: node)), to: pointer.segment)
    }

    /// Called inside the journal's transaction: throws unless the broker has the record.
    func append(_ changes: JournalChanges, _ head: JournalHead, after previous: UInt64) throws(JournalError) {
        let commit = LoggedCommit(
            standing: JournalPosition(head),
            previous: previous,
            format: format,
            changes: changes
        )
        let record = LogRecordCodec.encode(.commit(commit))
        try log.append(record, to: pointer.segment)
        bytesAppended += Int64(record.count)
        successor?.keep(record, commit: head.commit)
    }

    /// After a commit, and now and then while ``isRolling``: creates the next segment's stream ahead of time, fills it
    /// slice by slice once this one has grown, and moves there when it is complete.
    ///
    /// Blocks for a slice. Throws like ``append(_:_:after:)``; the ownership must then end, and the pointer says in
    /// which segment the next one continues.
    func roll(_ journal: any PartitionJournal) throws(JournalError) {
        let limit = max(settings.segmentBytes, 2 * bytesOfSnapshot)
        if bytesAppended * 2 >= limit, !isPrepared {
            isPrepared = true
            log.prepare(segment: next)
        }
        guard isRolling || bytesAppended >= limit else { return }
        do throws(JournalError) {
            if successor == nil {
                successor = try NextSegment(next, of: log, with: journal, settings: settings)
            }
            if let successor, try successor.write() { try move(to: successor) }
        } catch {
            successor = nil
            switch error.code {
            // No room for a snapshot now: the log may grow a little more before the next attempt.
            case .full: break
            case .occupied:
                occupied += 1
                isPrepared = false
            default: throw error
            }
            bytesAppended -= limit / 4
        }
    }

    private func move(to successor: NextSegment) throws(JournalError) {
        let old = pointer.segment
        var next = successor.pointer
        next.epoch = pointer.epoch
        try log.point(to: next)
        pointer = next
        occupied = 0
        bytesOfSnapshot = successor.bytesOfSnapshot
        bytesAppended = successor.bytesOfCommits
        isPrepared = false
        self.successor = nil
        try log.append(LogRecordCodec.encode(.sealed(next: pointer.segment)), to: old)
        log.delete(segment: old)
    }
}

/// How a partition's log is kept.
package struct LogSettings: Sendable {
    /// A segment that has grown by this much, or by twice its snapshot, is followed by the next.
    package var segmentBytes: Int64 = 64 << 20
    /// How large the pieces of a snapshot are.
    package var pieceBytes = 1 << 20
    /// How many of them are written between two batches of the partition's work.
    package var piecesAtOnce = 4
    /// If more than this is committed while a snapshot is written, the rest of it is written without a pause.
    package var bytesKept: Int64 = 32 << 20

    package init() {}
}
