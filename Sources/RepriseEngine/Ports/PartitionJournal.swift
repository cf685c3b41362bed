package import RepriseKernel

/// The durable memory of one partition: everything that must survive the process, in one file on the node's disk.
///
/// ```
///  engine ── JournalCommit ──► commit()   all of it or nothing, on disk when it returns
///  engine ◄─ recover()         what a fresh process needs to go on where the last one stopped
///  engine ◄─ instance(), history(), …     reads of what was committed; never of what is being decided
/// ```
///
/// Used from one thread at a time: the partition's. A crash leaves the last commit that returned, and perhaps the
/// one that was under way, whole. Every method throws ``JournalError``; after `.failed` from ``commit(_:)`` the
/// partition must stop, since what the disk holds is unknown until the journal is opened anew.
package protocol PartitionJournal: AnyObject {
    var identity: JournalIdentity { get }
    func recover() throws(JournalError) -> RecoveredPartition
    func commit(_ commit: JournalCommit) throws(JournalError)

    /// The current (not hidden) incarnation of an id.
    func instance(_ id: InstanceID) throws(JournalError) -> InstanceRow?
    /// Any instance by its key, hidden ones too.
    func instance(key: Int64) throws(JournalError) -> InstanceRow?
    /// An instance's history in the order it was applied: walks the rows' `previous` pointers back from `last`.
    func history(last position: Int64) throws(JournalError) -> [HistoryRecord]
    /// One history row.
    func historyRow(at position: Int64) throws(JournalError) -> HistoryRow?
    /// History rows from `position` on, in order: what may still have to be published. One that is damaged comes
    /// without its records, which cannot be decoded then.
    func historyRows(from position: Int64, limit: Int) throws(JournalError) -> [HistoryRow]
    /// What waits for an instance: early events, and whatever reached it while suspended, oldest first.
    func pending(of key: Int64) throws(JournalError) -> [PendingRow]
    func seen(_ key: [UInt8]) throws(JournalError) -> SeenRow?
    /// Visible instances with keys after `cursor`, ascending.
    func instances(after cursor: Int64, limit: Int) throws(JournalError) -> [InstanceRow]
    func instanceCount() throws(JournalError) -> Int64
    /// Folds the write-ahead log back into the file when it has grown, or (`idle`) when there is time. Never fails a commit.
    func tidy(idle: Bool) throws(JournalError)
    /// Closes the file. Nothing is lost without it.
    func close()
}

package struct JournalIdentity: Equatable, Sendable {
    /// Drawn when the file was made; recorded on the broker, so that no other journal is taken for this one.
    package var id: String
    package var hub: HubName
    package var partition: PartitionNumber
    package var partitionCount: Int

    package init(id: String, hub: HubName, partition: PartitionNumber, partitionCount: Int) {
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
        /// No room on the disk. The transaction was rolled back: nothing is lost, and it may be tried again.
        case full
        /// Reading or writing failed: the state of the disk is unknown, so the process must not go on.
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
