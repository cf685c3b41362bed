import RepriseEngine
import RepriseKernel

/// Who should have which partition.
extension SimulatedHub {
    /// Whether the plan gives an owner's partition to someone else.
    func isMove(_ contender: SimulatedContender) -> Bool {
        contender.process.plan.moves.contains {
            $0.partition == contender.partition && $0.giver == contender.process.id
        }
    }

    /// Without logs: where the journal is, or will be.
    func home(of partition: PartitionNumber) -> SimulatedNode { nodes[partition.value % nodes.count] }

    /// Someone else goes first, unless this node has more by now: it was frozen with records in hand that the broker
    /// lost.
    func mayGoFirst(_ node: SimulatedNode, _ partition: PartitionNumber) -> Bool {
        guard let first = nodes.first(where: { $0.name == reserved[partition] }), first !== node else { return true }
        guard isBest(node, partition), !isBest(first, partition) else { return false }
        reserved[partition] = node.name
        return true
    }

    /// Whether no one has a journal that is further.
    func isBest(_ node: SimulatedNode, _ partition: PartitionNumber) -> Bool {
        func rank(_ node: SimulatedNode) -> (CommitNumber, Epoch) {
            (node.standings[partition]?.commit ?? 0, node.standings[partition]?.epoch ?? 0)
        }
        return nodes.allSatisfy { rank($0) <= rank(node) }
    }
}
