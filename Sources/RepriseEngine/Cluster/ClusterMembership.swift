package import RepriseKernel

/// One node's part in sharing a hub's partitions: it receives announcements, is told what its own partitions do, and
/// says when to try for a lock and when to give one up. It has no clock: every call passes the time.
///
/// ```
///  hear ─┐                       ┌─► announce, sayHello
///  note ─┼─► act(at:) ── Action ─┼─► look      is the lock free? ── looked(…)
///  wait ─┘   again at `next`     ├─► go        the waiter tries for it now
///                                └─► yield     the lock is held: drain, and give it up
/// ```
/// The lock alone says who owns a partition. The first successor of an owner checks its lock four times a second, since
/// a kill -9 is not announced; the others check too, and the further back they are, the longer they must find a lock
/// free.
package struct ClusterMembership: Sendable {
    package enum Action: Equatable, Sendable {
        case sayHello
        case announce(NodeAnnouncement)
        case look(PartitionNumber)
        case go(PartitionNumber)
        case yield(PartitionNumber)
    }

    package let id: NodeID
    package let hasLog: Bool
    package private(set) var view: ClusterView
    /// Partitions that are known to have had a journal, on any node.
    package private(set) var known: [PartitionNumber]
    package internal(set) var plan: AssignmentPlan
    /// By partition: how many nodes try before this one; nil when it must not.
    var ranks: [Int?]
    var own: NodeAnnouncement
    var claims: [Claim]
    /// Nil while there is no connection.
    var connectedAt: Duration?
    var isFirstConnection = true
    /// Another node has been heard at some point.
    var hasCompany = false
    var givesAgainAt: Duration = .zero
    private var owesHello = false
    private var announcedAt: Duration?
    private var announcesAt: Duration = .zero
    var random: UInt64

    package init(
        id: NodeID,
        name: String,
        heartbeat: Duration,
        partitionCount: Int,
        hasLog: Bool,
        known: [PartitionNumber] = [],
        orchestrators: [OrchestratorAnnouncement] = []
    ) {
        self.id = id
        self.hasLog = hasLog
        self.known = known
        own = NodeAnnouncement(
            id: id,
            name: name,
            heartbeat: heartbeat,
            isLeaving: false,
            partitions: [],
            orchestrators: orchestrators
        )
        claims = Array(repeating: Claim(), count: partitionCount)
        ranks = Array(repeating: nil, count: partitionCount)
        view = ClusterView(partitionCount: partitionCount)
        plan = AssignmentPlan(view, hasLog: hasLog)
        var hash = FNV1a()
        hash.combine(id.rawValue.utf8)
        random = hash.value
    }

    // MARK: What happens

    /// The hub's nodes can be heard from now on.
    package mutating func connect(at now: Duration) {
        connectedAt = now
        view.forgetMembers()
        owesHello = true
        announcesAt = now
        for index in claims.indices { claims[index].connect(at: now) }
        replan(now)
    }

    package mutating func disconnect(at now: Duration) {
        guard connectedAt != nil else { return }
        connectedAt = nil
        isFirstConnection = false
        for index in claims.indices { claims[index].disconnect() }
    }

    package mutating func hear(_ announcement: NodeAnnouncement, at now: Duration) {
        guard announcement.id != id else { return }
        hasCompany = true
        guard view.hear(announcement, at: now) else { return }
        for state in announcement.partitions { remember(state) }
        replan(now)
    }

    /// A node joined that has heard nothing yet.
    package mutating func hearHello(at now: Duration) { announceSoon(now) }

    /// What has changed of this node's own partition.
    package mutating func note(_ state: PartitionAnnouncement, at now: Duration) {
        guard claims.indices.contains(state.partition.value) else { return }
        let old = own[state.partition]
        guard old != state else { return }
        let place = own.partitions.firstIndex { $0.partition >= state.partition } ?? own.partitions.endIndex
        if old == nil { own.partitions.insert(state, at: place) } else { own.partitions[place] = state }
        remember(state)
        if state.role == .owner, old?.role != .owner { tookOwnership(state.partition, now) }
        if state.role != .owner, old?.role == .owner { lostOwnership(state.partition, now) }
        // Its position is announced with every heartbeat; every other change is announced at once.
        var compared = state
        compared.holding?.standing = old?.holding?.standing ?? state.holding?.standing ?? JournalPosition.none
        if compared != old { announceSoon(now) }
        replan(now)
    }

    /// This node is stopping: it takes no more partitions, and gives up what it owns, one after another.
    package mutating func leave(at now: Duration) {
        own.isLeaving = true
        announceSoon(now)
        replan(now)
    }

    /// True once a leaving node owns nothing more, and has announced it.
    package var hasLeft: Bool {
        own.isLeaving && !own.partitions.contains { $0.role == .owner }
            && (connectedAt == nil || (announcedAt ?? .zero) >= announcesAtLeast)
    }

    /// The time of the last change to announce.
    private var announcesAtLeast: Duration = .zero

    /// A journal without a commit holds nothing that could be lost.
    private mutating func remember(_ state: PartitionAnnouncement) {
        guard let commit = state.holding?.standing.commit, commit > 0, !known.contains(state.partition) else { return }
        known.append(state.partition)
    }

    private mutating func tookOwnership(_ partition: PartitionNumber, _ now: Duration) {
        let index = partition.value
        // No node accepted the partition: the one that should have taken it cannot.
        if claims[index].isGiven { givesAgainAt = now + Pace.holdOff }
        claims[index].takeOwnership(at: now)
        view.setLastOwner(id, of: partition)
    }

    private mutating func lostOwnership(_ partition: PartitionNumber, _ now: Duration) {
        claims[partition.value].loseOwnership(at: now, lasting: Pace.lasting)
    }

    mutating func replan(_ now: Duration) {
        let old = plan
        var all = view
        all.add(own, at: now)
        plan = AssignmentPlan(all, hasLog: hasLog, known: known)
        let oldRanks = ranks
        ranks = claims.indices.map { plan.rank(of: id, for: PartitionNumber($0)) }
        for index in claims.indices where ranks[index] == 0 && oldRanks[index] != 0 { claims[index].lookSoon(at: now) }
        for index in claims.indices where plan.owners[index] != old.owners[index] {
            if let owner = plan.owners[index] {
                if owner != id { claims[index].noteOwner() }
            } else {
                claims[index].lookSoon(at: now)
                // In the first moments it may be the same disconnection from which this node has just recovered.
                if let connectedAt, now - connectedAt >= Pace.settling { claims[index].noteRelease() }
            }
        }
    }

    // MARK: What to do

    /// - Returns: what to do now, and when to ask again if nothing happens before.
    package mutating func act(at now: Duration) -> (actions: [Action], next: Duration?) {
        var actions: [Action] = []
        var deadlines: [Duration] = []
        if view.expire(at: now) { replan(now) }
        if let connectedAt {
            if owesHello {
                owesHello = false
                actions.append(.sayHello)
            }
            if announcesAt <= now {
                announcedAt = now
                announcesAt = now + own.heartbeat
                actions.append(.announce(own))
            }
            deadlines.append(announcesAt)
            if let expiry = view.nextExpiry { deadlines.append(expiry) }
            actChoosingMoves(at: now, connectedAt: connectedAt, &actions, &deadlines)
        }
        for number in claims.indices { actOnClaim(number, at: now, &actions, &deadlines) }
        return (actions, deadlines.min())
    }

    private mutating func announceSoon(_ now: Duration) {
        announcesAtLeast = now
        let soonest = announcedAt.map { $0 + Pace.betweenAnnouncements } ?? now
        announcesAt = min(announcesAt, max(now, soonest))
    }
}

extension JournalPosition {
    static let none = JournalPosition(commit: 0, checksum: 0, epoch: 0)
}
