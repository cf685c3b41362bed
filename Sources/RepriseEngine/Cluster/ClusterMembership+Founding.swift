package import RepriseKernel

/// Who begins a partition of which the broker knows nothing.
package enum FoundingVerdict: Equatable, Sendable {
    /// Whoever might know better may not have been heard yet.
    case ask(at: Duration)
    /// This node's journal is the best there is, or nobody ever had one.
    case here
    case elsewhere(String)
}

extension ClusterMembership {
    /// The broker may be new, or may have been wiped while the nodes' disks were not. So:
    /// 1. All who are there are heard first.
    /// 2. The furthest journal (epoch, then commit) goes on, wherever it is.
    /// 3. Where nobody has one, the partition begins anew; but not when this node, or its data directory, remembers that
    ///    somebody had one: that node is away, and what it holds must not be begun over.
    package func founding(
        of partition: PartitionNumber,
        holding: HeldJournal?,
        at now: Duration
    ) -> FoundingVerdict {
        guard let connectedAt else { return .ask(at: now + Founding.pause) }
        let due = connectedAt + patience(holding)
        guard due <= now else { return .ask(at: due) }
        var best: (rank: (Epoch, CommitNumber), node: NodeAnnouncement?, holding: HeldJournal)?
        if let holding { best = (holding.rank, nil, holding) }
        for member in view.members {
            guard let other = member.announcement[partition]?.holding else { continue }
            let isFurther = best.map { found in
                found.rank == other.rank ? member.announcement.id < found.node?.id ?? id : found.rank < other.rank
            }
            if isFurther ?? true { best = (other.rank, member.announcement, other) }
        }
        guard let best else {
            guard known.contains(partition) else { return .here }
            return .elsewhere(
                "the broker knows nothing of partition \(partition), this node has no journal of it, and remembers that "
                    + "there was one: start the node that has it. It is not begun anew, since all that it holds would be lost"
            )
        }
        guard let node = best.node else { return .here }
        let standing = best.holding.standing
        return .elsewhere(
            "the broker knows nothing of partition \(partition); node '\(node.name)' goes on with it from its journal "
                + "\(best.holding.journal) at commit \(standing.commit) (epoch \(standing.epoch)), the furthest that is left"
        )
    }

    private func patience(_ holding: HeldJournal?) -> Duration {
        if hasCompany { return max(Founding.patience, own.heartbeat) }
        // Alone, and empty: the first node of a new hub.
        return holding == nil && known.isEmpty && isFirstConnection ? Founding.alone : Founding.patience
    }

    private enum Founding {
        static let patience = Duration.seconds(2)
        static let alone = Duration.seconds(1)
        static let pause = Duration.milliseconds(250)
    }
}

extension HeldJournal {
    fileprivate var rank: (Epoch, CommitNumber) { (standing.epoch, standing.commit) }
}
