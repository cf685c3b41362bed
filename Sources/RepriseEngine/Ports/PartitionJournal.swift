package import RepriseKernel

/// The durable memory of one partition: everything that must survive the process, in one file on the node's disk.
///
/// ```
///  engine ── JournalCommit ──► commit()   all of it or nothing, on disk when it returns
///  engine ◄─ recover()         what a fresh process needs to go on where the last one stopped
///  engine ◄─ instance(), history(), …     reads of what was committed; never of what is being decided
/// ```
///
/// Used from one thread at a time: the partition's. A crash leaves the last commit that returned, and perhaps the one
/// in progress, complete. Every method throws ``JournalError``; after `.failed` from ``commit(_:)`` the partition must
/// stop, since what the disk holds is unknown until the journal is reopened.
package protocol PartitionJournal: AnyObject {
    var identity: JournalIdentity { get }
    /// The version of its tables.
    var format: Int { get }
    func recover() throws(JournalError) -> RecoveredPartition
    /// Writes one commit, all of it or nothing; on disk when it returns.
    ///
    /// - Parameter append: called with the changes once everything is written and nothing committed: the moment to
    ///   write the log. When it throws, nothing is committed and its error is thrown on.
    func commit(
        _ commit: JournalCommit,
        append: ((JournalChanges) throws(JournalError) -> Void)?
    ) throws(JournalError)
    /// How far the journal has come.
    func standing() throws(JournalError) -> JournalPosition
    /// Applies commits of the log that follow the last one, all of them in one transaction or none.
    ///
    /// - Throws: `.diverged` when one does not fit what is here: nothing is guessed, nothing left out.
    func apply(_ commits: [LoggedCommit]) throws(JournalError)
    /// Begins to make a copy of the journal, as the bytes of a file: as of this commit, or of one that is made until it has
    /// been made. It stays the same whatever is committed after that.
    func snapshot() throws(JournalError) -> any JournalSnapshot

    /// The current (not hidden) incarnation of an id.
    func instance(_ id: InstanceID) throws(JournalError) -> InstanceRow?
    /// Any instance by its key, hidden ones too.
    func instance(key: InstanceKey) throws(JournalError) -> InstanceRow?
    /// An instance's history in the order it was applied: walks the rows' `previous` pointers back from `last` to the
    /// row at `first`. What is before belongs to a generation that is over.
    func history(last position: HistoryPosition, first: HistoryPosition) throws(JournalError) -> [HistoryRecord]
    /// One history row.
    func historyRow(at position: HistoryPosition) throws(JournalError) -> HistoryRow?
    /// History rows from `position` on, in order: what may still have to be published. One that is damaged comes
    /// without its records, which cannot be decoded then.
    func historyRows(from position: HistoryPosition, limit: Int) throws(JournalError) -> [HistoryRow]
    /// What waits for an instance: early events, and whatever reached it while suspended, oldest first.
    func pending(of key: InstanceKey) throws(JournalError) -> [PendingRow]
    func seen(_ key: [UInt8]) throws(JournalError) -> SeenRow?
    /// Keys of commands accepted before `time`, the oldest first.
    func seen(before time: Timestamp, limit: Int) throws(JournalError) -> [[UInt8]]
    /// Visible instances with keys after `cursor`, ascending.
    func instances(after cursor: InstanceKey, limit: Int) throws(JournalError) -> [InstanceRow]
    func instanceCount() throws(JournalError) -> Int64
    /// Folds the write-ahead log back into the file when it has grown, or (`idle`) when there is time. Never fails a commit.
    func tidy(idle: Bool) throws(JournalError)
    /// Closes the file. Nothing is lost without it.
    func close()
}

extension PartitionJournal {
    /// The history of an instance's current generation.
    package func history(of row: InstanceRow) throws(JournalError) -> [HistoryRecord] {
        try history(last: row.lastPosition, first: row.firstPosition)
    }
}

/// The bytes of a journal's file, read in pieces. Closed, or dropped, it leaves nothing behind.
package protocol JournalSnapshot: AnyObject {
    /// Whether it has been made, while commits continue; until then it has neither position nor bytes.
    ///
    /// - Parameter waiting: blocks until it has been.
    /// - Throws: `.full` when there is no room for it, `.failed` when it cannot be made.
    func isMade(waiting: Bool) throws(JournalError) -> Bool
    var standing: JournalPosition { get }
    var size: Int64 { get }
    /// The next piece of at most `count` bytes; nil at the end.
    func next(_ count: Int) throws(JournalError) -> [UInt8]?
    func close()
}

package struct JournalIdentity: Equatable, Sendable {
    package var id: JournalID
    package var hub: HubName
    package var partition: PartitionNumber
    package var partitionCount: Int

    package init(id: JournalID, hub: HubName, partition: PartitionNumber, partitionCount: Int) {
        self.id = id
        self.hub = hub
        self.partition = partition
        self.partitionCount = partitionCount
    }
}

/// Why a journal could not be opened, read or written, and what to do.
package struct JournalError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// The file belongs to another hub, partition or partition count, or was written by a newer release.
        case mismatch
        /// Another process has the file open.
        case inUse
        /// The file or a row of it is damaged; a damaged file was set aside under another name.
        case damaged
        /// No room on the disk. The transaction was rolled back: nothing is lost, and it may be retried.
        case full
        /// What the log holds does not continue what is here: the journal is rebuilt from the log's snapshot.
        case diverged
        /// The log did not confirm a record, so it is not yet known whether it is there: the next owner of the
        /// partition finds out by reading it.
        case unlogged
        /// A segment of the log cannot be started: a stream with its name exists that is not this journal's.
        case occupied
        /// Reading or writing failed: the state of the disk is unknown, so the process must not continue.
        case failed
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
