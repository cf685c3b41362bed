package import RepriseKernel

/// A partition's place in a node's data directory, where its journal is or will be.
///
/// Used from one thread at a time, the partition's. At most one journal of a store is open at once; another process that
/// has it open makes every call throw `.inUse`.
package protocol JournalStore: AnyObject {
    var hub: HubName { get }
    var partition: PartitionNumber { get }
    var partitionCount: Int { get }
    /// Opens what lies here; nil when there is nothing.
    ///
    /// - Throws: `.damaged` when it was damaged and has been set aside, now or earlier, `.mismatch` when it belongs to
    ///   another.
    func open() throws(JournalError) -> (any PartitionJournal)?
    /// Makes an empty journal with a new id, and opens it.
    func create() throws(JournalError) -> any PartitionJournal
    /// Prepares to receive a snapshot; what is here stays until the snapshot is complete.
    func receive() throws(JournalError) -> any SnapshotReceiver
    /// Sets aside what is here under another name, for people to examine. The journal must be closed.
    func setAside(_ reason: String) throws(JournalError)
}

/// Takes the pieces of a snapshot in order.
package protocol SnapshotReceiver: AnyObject {
    func write(_ bytes: [UInt8]) throws(JournalError)
    /// Checks everything (size, SHA-256, identity, pages), replaces what was there, and opens it.
    ///
    /// - Throws: `.damaged` when it is not what its writer wrote: what was there is unchanged.
    func finish(size: Int64, digest: [UInt8], head: LogHead) throws(JournalError) -> any PartitionJournal
    /// Drops what was received.
    func discard()
}
