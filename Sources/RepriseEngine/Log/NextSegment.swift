import RepriseKernel

/// A log segment being prepared: its head, a snapshot piece by piece, then what is committed meanwhile, which is also
/// in the previous segment.
///
/// It is not read before a pointer leads there, and a crash leaves a stream without a pointer. Dropped, it leaves no
/// file.
final class NextSegment {
    let number: Int64
    private let log: any PartitionLog
    private let journal: any PartitionJournal
    private let snapshot: any JournalSnapshot
    private let settings: LogSettings
    private var isBegun = false
    private var pieces: Int64 = 0
    private var digest = SHA256Digest()
    private var commits: [(number: CommitNumber, record: [UInt8])] = []
    /// The bytes of the commits it begins with.
    private(set) var bytesOfCommits: Int64 = 0

    /// Begins a snapshot. Throws `.full` when there is no room for one.
    init(
        _ number: Int64,
        of log: any PartitionLog,
        with journal: any PartitionJournal,
        settings: LogSettings
    ) throws(JournalError) {
        self.number = number
        self.log = log
        self.journal = journal
        self.settings = settings
        snapshot = try journal.snapshot()
    }

    deinit { snapshot.close() }

    var bytesOfSnapshot: Int64 { snapshot.size }

    /// Where readers begin, once everything is written.
    var pointer: LogAddress {
        LogAddress(segment: number, commit: snapshot.standing.commit, records: pieces + 2)
    }

    /// Keeps what was just appended to the previous segment. It may be in the snapshot already.
    func keep(_ record: [UInt8], commit: CommitNumber) {
        commits.append((commit, record))
        bytesOfCommits += Int64(record.count)
    }

    /// Writes all there is, however long it takes.
    func writeAll() throws(JournalError) {
        _ = try snapshot.isMade(waiting: true)
        while try !write() {}
    }

    /// Writes the next slice. True when all of it is there: the snapshot, and every commit since.
    func write() throws(JournalError) -> Bool {
        // More commits than memory should hold: write the rest without pauses.
        let isBehind = bytesOfCommits > settings.bytesKept
        guard try snapshot.isMade(waiting: isBehind) else { return false }
        if !isBegun { try begin() }
        repeat {
            var records: [[UInt8]] = []
            while records.count < settings.piecesAtOnce, let piece = try snapshot.next(settings.pieceBytes) {
                digest.combine(piece)
                records.append(LogRecordCodec.encode(.snapshot(index: Int(pieces), bytes: piece)))
                pieces += 1
            }
            let isWhole = records.count < settings.piecesAtOnce
            if isWhole {
                records.append(LogRecordCodec.encode(.snapshotEnd(size: snapshot.size, digest: digest.bytes())))
            }
            try log.append(records, to: number)
            if isWhole {
                if !commits.isEmpty { try log.append(commits.map(\.record), to: number) }
                return true
            }
        } while isBehind
        return false
    }

    private func begin() throws(JournalError) {
        try log.open(segment: number)
        let standing = snapshot.standing
        let head = LogHead(identity: journal.identity, segment: number, format: journal.format, standing: standing)
        // As the first of many: the log learns from it whose segment this is.
        try log.append([LogRecordCodec.encode(.head(head))], to: number)
        isBegun = true
        bytesOfCommits -= Int64(commits.prefix { $0.number <= standing.commit }.map(\.record.count).reduce(0, +))
        commits.removeAll { $0.number <= standing.commit }
    }
}
