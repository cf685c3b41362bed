package import RepriseKernel

/// Which node begins a partition that the broker knows nothing about.
package enum BootstrapVerdict: Equatable, Sendable {
    /// A node that knows better may not have been heard yet.
    case ask(at: Duration)
    /// This node's journal is the best one, or no node ever had one.
    case here
    case elsewhere(String)
}

extension ClusterMembership {
    /// The broker may be new, or may have been wiped while the nodes' disks were not. So:
    /// 1. All current nodes are heard first.
    /// 2. The furthest journal (by epoch, then commit) is continued, wherever it is.
    /// 3. If no node has one, the partition starts empty; but not when this node, or its data directory, remembers that
    ///    some node had one: that node is away, and the partition it holds must not be recreated.
    package func bootstrap(
        of partition: PartitionNumber,
        holding: HeldJournal?,
        at now: Duration
    ) -> BootstrapVerdict {
        guard let connectedAt else { return .ask(at: now + Bootstrap.pause) }
        let due = connectedAt + timeout(holding)
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
                    + "there was one: start the node that has it. It is not begun again: all its data would be lost"
            )
        }
        guard let node = best.node else { return .here }
        let standing = best.holding.standing
        return .elsewhere(
            "the broker knows nothing of partition \(partition); node '\(node.name)' continues it from its journal "
                + "\(best.holding.journal) at commit \(standing.commit) (epoch \(standing.epoch)), the furthest that is left"
        )
    }

    private func timeout(_ holding: HeldJournal?) -> Duration {
        if hasCompany { return max(Bootstrap.timeout, own.heartbeat) }
        // Alone, and empty: the first node of a new hub.
        return holding == nil && known.isEmpty && isFirstConnection ? Bootstrap.alone : Bootstrap.timeout
    }

    private enum Bootstrap {
        static let timeout = Duration.seconds(2)
        static let alone = Duration.seconds(1)
        static let pause = Duration.milliseconds(250)
    }
}

extension HeldJournal {
    fileprivate var rank: (Epoch, CommitNumber) { (standing.epoch, standing.commit) }
}
