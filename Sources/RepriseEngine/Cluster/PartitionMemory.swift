package import RepriseKernel

/// What a node's data directory remembers of its hub beyond its own journals: which partitions somebody has a journal of.
///
/// So a node whose disk is there does not begin a partition anew on a broker that was wiped, while the node that has the
/// partition's journal is away.
package protocol PartitionMemory: Sendable {
    func known() -> [PartitionNumber]
    /// Durable when it returns; does nothing when nothing is new.
    func remember(_ partitions: [PartitionNumber]) throws
}
