package import RepriseKernel

/// One record of a partition's log: a broker stream with everything that is in its journal.
///
/// ```
///  segment g:   head  snapshot*  snapshotEnd   fence  commit commit …  fence  commit …  sealed(g + 1)
///                  └── the journal as it was ──┘  └ an owner and its commits ┘
/// ```
/// A commit exists if and only if its record counts (``LogFold``); the journal on a node's disk is an image of that.
package enum LogRecord: Equatable, Sendable {
    case head(LogHead)
    /// A piece of the journal's file, from index 0.
    case snapshot(index: Int, bytes: [UInt8])
    /// The size of the file, and the SHA-256 of its bytes.
    case snapshotEnd(size: Int64, digest: [UInt8])
    /// A new owner begins. Counts only if its epoch is above all before it; after that, records that older owners
    /// append do not count.
    case fence(epoch: Epoch, nonce: UInt64, node: String)
    case commit(LoggedCommit)
    /// Nothing follows here: the log continues in another segment.
    case sealed(next: Int64)
}

/// What a segment of the log begins with: the journal whose snapshot follows.
package struct LogHead: Equatable, Sendable {
    package var identity: JournalIdentity
    package var segment: Int64
    /// Version of the journal's tables; changes are never applied across versions.
    package var format: Int
    /// The position of the snapshot.
    package var standing: JournalPosition

    package init(identity: JournalIdentity, segment: Int64, format: Int, standing: JournalPosition) {
        self.identity = identity
        self.segment = segment
        self.format = format
        self.standing = standing
    }
}

/// How far a journal has come: the number and the chained checksum of its last commit, and the epoch that made it.
package struct JournalPosition: Equatable, Sendable {
    package var commit: CommitNumber
    package var checksum: UInt64
    package var epoch: Epoch

    /// How far an epoch is above earlier owners after a log was lost.
    package static let epochsOfALostLog: Int64 = 1 << 20

    /// Whether an owner of this epoch started a new log, or seeded an empty broker, which the owner of `former` had not
    /// done.
    package static func isSeeded(_ epoch: Epoch, after former: Epoch) -> Bool {
        let (jump, isTooFar) = epoch.rawValue.subtractingReportingOverflow(former.rawValue)
        return isTooFar || jump >= epochsOfALostLog
    }

    /// How far an owner's epoch may be above a known one: dozens of lost logs.
    private static let epochsAtOnce = 64 * epochsOfALostLog

    /// Whether a journal can be at this position, and continue from it.
    package var isPlausible: Bool {
        OutsideNumber.start(commit.rawValue) != nil && OutsideNumber.start(epoch.rawValue) != nil
    }

    /// Whether an owner after this position, or before it, can have had this epoch.
    package func precedes(_ other: Epoch) -> Bool {
        let (jump, isTooFar) = other.rawValue.subtractingReportingOverflow(epoch.rawValue)
        return OutsideNumber.start(other.rawValue) != nil && !isTooFar && jump <= Self.epochsAtOnce
    }

    /// An epoch above this one's, by `steps`; the highest number of all has none above it.
    package func epoch(after steps: Int64 = 1) -> Epoch { epoch.advanced(by: steps) }

    package init(commit: CommitNumber, checksum: UInt64, epoch: Epoch) {
        self.commit = commit
        self.checksum = checksum
        self.epoch = epoch
    }

    package init(_ head: JournalHead) {
        self.init(commit: head.commit, checksum: head.checksum, epoch: head.epoch)
    }
}

/// One commit as the log holds it.
package struct LoggedCommit: Equatable, Sendable {
    /// The position after it.
    package var standing: JournalPosition
    /// The checksum of the commit before it: the link of the chain.
    package var previous: UInt64
    package var format: Int
    package var changes: JournalChanges

    package init(standing: JournalPosition, previous: UInt64, format: Int, changes: JournalChanges) {
        self.standing = standing
        self.previous = previous
        self.format = format
        self.changes = changes
    }
}

/// What one commit did to the tables: a changeset of SQLite's session extension, and how many rows it holds.
package struct JournalChanges: Equatable, Sendable {
    package var rows: Int
    package var bytes: [UInt8]

    package init(rows: Int, bytes: [UInt8]) {
        self.rows = rows
        self.bytes = bytes
    }
}
