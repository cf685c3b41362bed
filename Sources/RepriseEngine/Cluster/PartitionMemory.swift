package import RepriseKernel

/// What a node's data directory remembers of its hub beyond its own journals: which partitions some node has a journal
/// of.
///
/// So a node that kept its disk does not recreate a partition on a wiped broker while the node with the partition's
/// journal is away.
package protocol PartitionMemory: Sendable {
    func known() -> [PartitionNumber]
    /// Durable when it returns; does nothing when nothing is new.
    func remember(_ partitions: [PartitionNumber]) throws
}
