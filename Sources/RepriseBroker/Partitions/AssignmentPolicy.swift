package import RepriseEngine
package import RepriseKernel

/// Says when a node should try for a partition, and when it should let go: what the nodes of a hub agree upon by
/// announcing themselves. Only the lock says who owns a partition; this just keeps attempts few and shares even.
package protocol AssignmentPolicy: Sendable {
    /// Returns when this node should try for the lock now; paced, so that it can be called repeatedly.
    func untilWanted(_ partition: PartitionNumber) async throws(CancellationError)
    /// Returns when another node should have it: it is then drained and given up.
    func untilUnwanted(_ partition: PartitionNumber) async throws(CancellationError)
    /// What the broker's owner announces of the log, for those who follow it. Returns when it is known.
    func pointer(of partition: PartitionNumber) async throws(CancellationError) -> LogAddress
    /// The lock is held, and the broker knows nothing of the partition: it is new, or the broker was wiped. Returns
    /// what to do once all nodes that might know better have been heard.
    func bootstrap(_ partition: PartitionNumber, holding: HeldJournal?) async throws(CancellationError)
        -> BootstrapAnswer
    /// A change of this node, for its next announcement.
    func note(_ announcement: PartitionAnnouncement)
}

/// Whether this node begins a partition that the broker knows nothing about.
package enum BootstrapAnswer: Equatable, Sendable {
    /// This node's journal is the best one, or no node ever had one.
    case here
    /// Another node has one that is further, or has the only one. Says which.
    case elsewhere(String)
}
