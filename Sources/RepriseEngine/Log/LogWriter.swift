import RepriseKernel

/// An owner's pen on its partition's log: the one place that appends, for as long as the ownership lasts.
///
/// ```
///  commit:      write rows ─► append, confirmed ─► COMMIT          the journal is never ahead of the log
///  generation:  snapshot ─► stream g+1 ─► pointer ─► seal g        a log is never longer than it need be
/// ```
package final class LogWriter {
    let log: any PartitionLog
    private let format: Int
    private let settings: LogSettings
    private(set) var pointer: LogPointer
    private var bytesAppended: Int64
    private var bytesOfSnapshot: Int64
    private var isForeseen = false
    /// Numbers after this generation's that other journals' streams have.
    private var occupied: Int64 = 0
    private var next: Int64 { pointer.generation + 1 + occupied }

    /// A commit's record is this large at least: for generations whose owners come and go before any of them fills one.
    private static let leastBytes: Int64 = 512

    /// Goes on in the generation of `pointer`, of which the writer's fence is already a part.
    ///
    /// - Parameter commit: the last commit that the generation holds.
    init(_ log: any PartitionLog, format: Int, pointer: LogPointer, commit: Int64, settings: LogSettings) {
        self.log = log
        self.format = format
        self.pointer = pointer
        self.settings = settings
        bytesAppended = (commit - pointer.commit) * Self.leastBytes
        bytesOfSnapshot = max(0, pointer.records - 3) * Int64(LogLimits.pieceBytes)
    }

    /// Begins a generation with what the journal holds. A crash in between leaves a stream that no pointer leads to.
    static func seed(
        _ log: any PartitionLog,
        _ generation: Int64,
        with journal: any PartitionJournal,
        settings: LogSettings
    ) throws(JournalError) -> LogWriter {
        // First: where there is no room for it, nothing has begun.
        let snapshot = try journal.snapshot()
        defer { snapshot.close() }
        try log.open(generation: generation)
        let head = LogHead(
            identity: journal.identity,
            generation: generation,
            format: journal.format,
            standing: snapshot.standing
        )
        var records = [LogRecordCodec.encode(.head(head))]
        var digest = SHA256Digest()
        var index = 0
        while let piece = try snapshot.next(LogLimits.pieceBytes) {
            digest.combine(piece)
            records.append(LogRecordCodec.encode(.snapshot(index: index, bytes: piece)))
            index += 1
            // A few at a time: a journal may be far larger than memory should be.
            if records.count >= 8 {
                try log.append(records, to: generation)
                records = []
            }
        }
        records.append(LogRecordCodec.encode(.snapshotEnd(size: snapshot.size, digest: digest.bytes())))
        try log.append(records, to: generation)
        let pointer = LogPointer(generation: generation, commit: head.standing.commit, records: Int64(index + 2))
        let writer = LogWriter(
            log,
            format: journal.format,
            pointer: pointer,
            commit: pointer.commit,
            settings: settings
        )
        writer.bytesOfSnapshot = snapshot.size
        return writer
    }

    /// From now on whoever looks for the log finds it here.
    func publishPointer() throws(JournalError) { try log.point(to: pointer) }

    func fence(epoch: Int64, nonce: UInt64, node: String) throws(JournalError) {
        try log.append(LogRecordCodec.encode(.fence(epoch: epoch, nonce: nonce, node: node)), to: pointer.generation)
    }

    /// Called inside the journal's transaction: throws unless the broker has the record.
    func append(_ changes: JournalChanges, _ progress: PartitionProgress, after previous: UInt64) throws(JournalError) {
        let commit = LoggedCommit(
            standing: JournalStanding(progress),
            previous: previous,
            format: format,
            changes: changes
        )
        let record = LogRecordCodec.encode(.commit(commit))
        try log.append(record, to: pointer.generation)
        bytesAppended += Int64(record.count)
    }

    /// After a commit: makes the next generation's stream ahead of time, and moves there when this one has grown.
    ///
    /// Blocks for as long as the snapshot takes to write. Throws like ``append(_:_:after:)``; the ownership must then end, and
    /// the pointer says in which generation the next one goes on.
    func roll(_ journal: any PartitionJournal) throws(JournalError) {
        let limit = max(settings.generationBytes, 2 * bytesOfSnapshot)
        if bytesAppended * 2 >= limit, !isForeseen {
            isForeseen = true
            log.foresee(generation: next)
        }
        guard bytesAppended >= limit else { return }
        let old = pointer.generation
        let writer: LogWriter
        do {
            writer = try Self.seed(log, next, with: journal, settings: settings)
        } catch {
            switch error.code {
            // No room for a snapshot now: the log may grow a little more, and then it is tried again.
            case .full: break
            case .occupied:
                occupied += 1
                isForeseen = false
            default: throw error
            }
            bytesAppended -= limit / 4
            return
        }
        try writer.publishPointer()
        pointer = writer.pointer
        occupied = 0
        bytesOfSnapshot = writer.bytesOfSnapshot
        bytesAppended = 0
        isForeseen = false
        try log.append(LogRecordCodec.encode(.sealed(next: pointer.generation)), to: old)
        log.retire(generation: old)
    }
}

/// How a partition's log is kept.
package struct LogSettings: Sendable {
    /// A generation that has grown by this much, or by twice its snapshot, is followed by the next.
    package var generationBytes: Int64 = 64 << 20

    package init() {}
}
