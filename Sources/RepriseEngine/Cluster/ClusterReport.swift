package import RepriseKernel

/// Who owns what in a hub, according to its nodes: for people.
package struct ClusterReport: Equatable, Sendable {
    package struct Node: Equatable, Sendable {
        package var id: NodeID
        package var name: String
        package var heartbeat: Duration
        /// Since it was last heard.
        package var age: Duration
        package var isLeaving: Bool
        /// It has not been heard for three heartbeats: it is gone, frozen, or cut off from the broker.
        package var isMissing: Bool
        package var orchestrators: [OrchestratorAnnouncement]
    }

    package struct Standby: Equatable, Sendable {
        /// The node's name.
        package var node: String
        /// Commits behind the owner's last announcement.
        package var lag: Int64
    }

    package struct Trouble: Equatable, Sendable {
        /// The node's name.
        package var node: String
        package var text: String
    }

    package struct Partition: Equatable, Sendable {
        package var number: PartitionNumber
        /// Names of all nodes that claim to own it; the first is the one to trust.
        package var owners: [String]
        package var epoch: Epoch?
        package var journal: JournalID?
        package var commit: CommitNumber?
        package var log: LogAddress?
        package var standbys: [Standby]
        package var troubles: [Trouble]
        /// Messages that wait in its inbox; nil when the broker did not say.
        package var backlog: Int?
    }

    /// In the order of their names.
    package var nodes: [Node]
    package var partitions: [Partition]

    /// Whether a current node has announced this orchestrator.
    package func runs(_ orchestrator: String) -> Bool {
        nodes.contains { node in !node.isMissing && node.orchestrators.contains { $0.name == orchestrator } }
    }

    package init(_ view: ClusterView, at instant: Duration) {
        nodes = view.members
            .map { member in
                Node(
                    id: member.announcement.id,
                    name: member.announcement.name,
                    heartbeat: member.announcement.heartbeat,
                    age: instant - member.heard,
                    isLeaving: member.announcement.isLeaving,
                    isMissing: member.expiry <= instant,
                    orchestrators: member.announcement.orchestrators
                )
            }
            .sorted { ($0.name, $0.id) < ($1.name, $1.id) }
        // A node that is gone owns nothing and follows nothing.
        var living = view
        _ = living.expire(at: instant)
        partitions = (0..<view.partitionCount).map { Self.partition(PartitionNumber($0), living) }
    }

    private static func partition(_ number: PartitionNumber, _ view: ClusterView) -> Partition {
        let owner = view.owner(of: number)
        let rivals = view.owners(of: number).filter { $0.announcement.id != owner?.announcement.id }
        let owned = owner?.announcement[number]
        let states = view.members.compactMap { member in
            member.announcement[number].map { (name: member.announcement.name, state: $0) }
        }
        let furthest =
            owned?.holding ?? states.compactMap(\.state.holding).max { $0.standing.commit < $1.standing.commit }
        return Partition(
            number: number,
            owners: ([owner].compactMap { $0 } + rivals).map(\.announcement.name),
            epoch: furthest?.standing.epoch,
            journal: furthest?.journal,
            commit: furthest?.standing.commit,
            log: owned?.log,
            standbys: states.compactMap { name, state in
                guard state.role == .standby, let holding = state.holding else { return nil }
                return Standby(
                    node: name,
                    lag: max(0, holding.standing.commit.distance(to: furthest?.standing.commit ?? 0))
                )
            },
            troubles: states.compactMap { name, state in state.trouble.map { Trouble(node: name, text: $0) } },
            backlog: nil
        )
    }
}
