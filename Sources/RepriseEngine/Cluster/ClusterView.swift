package import RepriseKernel

/// What one node, or any other listener, has heard of the nodes of a hub.
///
/// Instants are durations since some moment of the listener's own monotonic clock; they never leave it.
package struct ClusterView: Equatable, Sendable {
    package struct Member: Equatable, Sendable {
        package var announcement: NodeAnnouncement
        package var heard: Duration
        package var firstHeard: Duration

        /// How long it counts as present without another announcement.
        package var expiry: Duration { heard + announcement.heartbeat * ClusterView.silentHeartbeats }
    }

    package static let silentHeartbeats = 3
    /// More are ignored until one of these falls silent: anyone who may publish can announce any number of nodes.
    static let maximumMembers = 1_024

    package let partitionCount: Int
    /// In the order of their ids.
    package private(set) var members: [Member] = []
    /// By partition: the id of the last known owner, even when it is gone.
    package private(set) var lastOwners: [NodeID?]

    package init(partitionCount: Int) {
        self.partitionCount = partitionCount
        self.lastOwners = Array(repeating: nil, count: partitionCount)
    }

    /// - Returns: false when nothing is new except that the node is still there.
    @discardableResult
    package mutating func hear(_ announcement: NodeAnnouncement, at instant: Duration) -> Bool {
        guard members.count < Self.maximumMembers || members.contains(where: { $0.announcement.id == announcement.id })
        else { return false }
        return add(announcement, at: instant)
    }

    /// Like ``hear(_:at:)``, even when there is no place left: for a node's own announcement.
    @discardableResult
    mutating func add(_ announcement: NodeAnnouncement, at instant: Duration) -> Bool {
        var announcement = announcement
        announcement.partitions.removeAll { !(0..<partitionCount).contains($0.partition.value) }
        announcement.partitions.sort { $0.partition < $1.partition }
        let place = members.firstIndex { $0.announcement.id >= announcement.id } ?? members.endIndex
        let isKnown = place < members.endIndex && members[place].announcement.id == announcement.id
        let isNew = !isKnown || members[place].announcement != announcement
        let firstHeard = isKnown ? members[place].firstHeard : instant
        let member = Member(announcement: announcement, heard: instant, firstHeard: firstHeard)
        if isKnown { members[place] = member } else { members.insert(member, at: place) }
        if isNew {
            for owned in announcement.partitions where owned.role == .owner {
                if let owner = owner(of: owned.partition) { lastOwners[owned.partition.value] = owner.announcement.id }
            }
        }
        return isNew
    }

    /// Forgets those who have been silent for too long.
    ///
    /// - Returns: whether there were any.
    package mutating func expire(at instant: Duration) -> Bool {
        let count = members.count
        members.removeAll { $0.expiry <= instant }
        return members.count < count
    }

    package mutating func forget(where isOver: (Member) -> Bool) { members.removeAll(where: isOver) }

    /// Forgets the members, but not who owned what: after a disconnection it is unknown who survived it.
    package mutating func forgetMembers() { members = [] }

    package mutating func setLastOwner(_ id: NodeID, of partition: PartitionNumber) { lastOwners[partition.value] = id }

    /// When ``expire(at:)`` has something to do, if no announcement arrives.
    package var nextExpiry: Duration? { members.map(\.expiry).min() }

    /// The member whose claim to own the partition is trusted: the one with the highest epoch, then the latest
    /// announcement. A node that froze or was killed may have claimed it too, and was not heard since.
    package func owner(of partition: PartitionNumber) -> Member? {
        owners(of: partition).max { a, b in a.precedence(partition) < b.precedence(partition) }
    }

    /// All members that claim to own the partition.
    package func owners(of partition: PartitionNumber) -> [Member] {
        members.filter { $0.announcement[partition]?.role == .owner }
    }

    /// Whether others have taken its partitions since its last announcement: it was most likely killed, frozen or cut
    /// off.
    package func isSuspect(_ member: Member) -> Bool {
        member.announcement.partitions.contains { claimed in
            guard claimed.role == .owner, let owner = owner(of: claimed.partition) else { return false }
            return owner.announcement.id != member.announcement.id && owner.heard > member.heard
        }
    }
}

extension ClusterView.Member {
    fileprivate func precedence(_ partition: PartitionNumber) -> (Epoch, Duration, NodeID) {
        (announcement[partition]?.holding?.standing.epoch ?? 0, heard, announcement.id)
    }
}

extension NodeAnnouncement {
    /// What it announces about a partition; nil when it has nothing of it.
    package subscript(partition: PartitionNumber) -> PartitionAnnouncement? {
        partitions.first { $0.partition == partition }
    }
}
