package import RepriseKernel

/// Which node should own which partition, as far as one node knows: nodes with the same view make the same plan.
///
/// ```
///  owners as announced ──► what is free, or will be, goes to its successors (fewest partitions first)
///                     └──► while two nodes differ by more than one, the one with more gives one to the other
/// ```
/// Nodes follow it only by trying for a lock, or by giving one up: an outdated plan costs a move, never a second owner.
package struct AssignmentPlan: Equatable, Sendable {
    package struct PartitionMove: Equatable, Sendable {
        package var partition: PartitionNumber
        package var giver: NodeID
        package var taker: NodeID
    }

    /// A standby at most this far behind takes over almost at once.
    package static let closeCommits: Int64 = 10_000

    /// By partition: who owns it.
    package private(set) var owners: [NodeID?]
    /// By partition: the successors of the owner, or who takes a free partition, in this order.
    package private(set) var successors: [[NodeID]]
    /// The moves that even out the shares, in order.
    package private(set) var moves: [PartitionMove] = []

    /// - Parameters:
    ///   - view: all nodes, including this one.
    ///   - hasLog: without logs, a partition is where its journal is, and no other node can have it.
    ///   - known: partitions that some node has had a journal of, whichever has it now.
    package init(_ view: ClusterView, hasLog: Bool, known: [PartitionNumber] = []) {
        var draft = SharePlanner(view, hasLog: hasLog, known: known)
        draft.assign()
        owners = draft.owners.map { $0.map { draft.nodes[$0].id } }
        successors = draft.orders.map { order in order.map { draft.nodes[$0].id } }
        moves = draft.moves
    }

    /// How many nodes try before this one; nil when it must not try at all.
    package func rank(of node: NodeID, for partition: PartitionNumber) -> Int? {
        successors[partition.value].firstIndex(of: node)
    }
}

/// A plan being made. Nodes are indices into `nodes`, which are in the order of their ids.
private struct SharePlanner {
    let nodes: [NodeAnnouncement]
    /// Neither leaving nor suspected to be gone.
    let isAble: [Bool]
    let view: ClusterView
    let hasLog: Bool
    let known: [PartitionNumber]
    var owners: [Int?] = []
    var orders: [[Int]] = []
    var moves: [AssignmentPlan.PartitionMove] = []
    /// By node, then partition.
    private var states: [[PartitionAnnouncement?]]
    /// By partition: the number of the furthest commit that any node has announced.
    private var furthest: [CommitNumber]

    init(_ view: ClusterView, hasLog: Bool, known: [PartitionNumber]) {
        self.view = view
        self.hasLog = hasLog
        self.known = known
        nodes = view.members.map(\.announcement)
        isAble = view.members.map { !$0.announcement.isLeaving && !view.isSuspect($0) }
        var states = nodes.map { _ in [PartitionAnnouncement?](repeating: nil, count: view.partitionCount) }
        for (index, node) in nodes.enumerated() {
            for state in node.partitions { states[index][state.partition.value] = state }
        }
        furthest = (0..<view.partitionCount).map { number in
            states.compactMap { $0[number]?.holding?.standing.commit }.max() ?? 0
        }
        self.states = states
    }

    mutating func assign() {
        let partitions = 0..<view.partitionCount
        owners = partitions.map { number in
            view.owner(of: PartitionNumber(number)).flatMap { owner in
                nodes.firstIndex { $0.id == owner.announcement.id }
            }
        }
        orders = partitions.map { _ in [] }
        var counts = nodes.map { _ in 0 }
        for case let owner? in owners { counts[owner] += 1 }
        // A partition that is free, or about to be, counts for the node that should take it.
        for number in partitions {
            if let owner = owners[number], isAble[owner] { continue }
            orders[number] = order(number, counts)
            if let first = orders[number].first { counts[first] += 1 }
        }
        // If an owner goes, its partitions are to be shared just as evenly.
        for owner in nodes.indices where isAble[owner] {
            var counts = counts
            for number in partitions where owners[number] == owner {
                orders[number] = order(number, counts)
                if let first = orders[number].first { counts[first] += 1 }
            }
        }
        moves = balance(counts)
    }

    // MARK: Successors

    /// Who may take a partition from its owner, or a free one, best first.
    private func order(_ number: Int, _ counts: [Int]) -> [Int] {
        let isBegun =
            known.contains(PartitionNumber(number)) || states.contains { $0[number]?.holding != nil }
        return nodes.indices
            .filter { node in
                guard isAble[node], node != owners[number] else { return false }
                return hasLog || !isBegun || states[node][number]?.holding != nil
            }
            .map { node in (node, fitness(node, number), counts[node]) }
            .sorted { a, b in
                if a.1 != b.1 { return a.1 < b.1 }
                if a.2 != b.2 { return a.2 < b.2 }
                return isPreferred(a.0, b.0, number)
            }
            .map(\.0)
    }

    /// Smaller is better: close behind, then by commits behind, then nothing there, then in trouble.
    private func fitness(_ node: Int, _ number: Int) -> Int64 {
        guard let state = states[node][number] else { return .max - 1 }
        guard state.trouble == nil else { return .max }
        guard let holding = state.holding else { return .max - 1 }
        let lag = holding.standing.commit.distance(to: furthest[number])
        return lag <= AssignmentPlan.closeCommits ? 0 : min(lag, .max - 2)
    }

    /// Any order will do, as long as it is the same everywhere and differs from partition to partition.
    private func isPreferred(_ a: Int, _ b: Int, _ number: Int) -> Bool {
        let (left, right) = (weight(a, number), weight(b, number))
        return left == right ? a < b : left > right
    }

    private func weight(_ node: Int, _ number: Int) -> UInt64 {
        var hash = FNV1a()
        hash.combine(nodes[node].id.rawValue.utf8)
        hash.combine(UInt64(number))
        // The last bytes alone hardly reach FNV's high bits.
        hash.combine(hash.value)
        return hash.value
    }

    // MARK: Balance

    private func balance(_ counts: [Int]) -> [AssignmentPlan.PartitionMove] {
        guard hasLog else { return [] }
        var counts = counts
        var holders = owners
        var moves: [AssignmentPlan.PartitionMove] = []
        while let (number, taker) = nextMove(counts, holders), let giver = holders[number] {
            moves.append(
                AssignmentPlan.PartitionMove(
                    partition: PartitionNumber(number),
                    giver: nodes[giver].id,
                    taker: nodes[taker].id
                )
            )
            counts[giver] -= 1
            counts[taker] += 1
            // It is given only once: its next owner does not give it again in this plan.
            holders[number] = nil
        }
        return moves
    }

    private func nextMove(_ counts: [Int], _ holders: [Int?]) -> (number: Int, taker: Int)? {
        let able = nodes.indices.filter { isAble[$0] }
        let givers = able.sorted { (counts[$1], $0) < (counts[$0], $1) }
        let takers = able.sorted { (counts[$0], $0) < (counts[$1], $1) }
        for giver in givers {
            for taker in takers {
                guard counts[giver] - counts[taker] >= 2 else { break }
                let given = holders.indices
                    .filter { holders[$0] == giver && fitness(taker, $0) == 0 && states[taker][$0]?.role == .standby }
                    .max { weight(taker, $0) < weight(taker, $1) }
                if let given { return (given, taker) }
            }
        }
        return nil
    }
}
