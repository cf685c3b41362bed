import RepriseKernel
import Testing

@testable import RepriseEngine

@Suite struct ClusterViewTests {
    private func node(_ id: String, _ role: PartitionAnnouncement.Role = .standby) -> NodeAnnouncement {
        NodeAnnouncement(
            id: NodeID(rawValue: id),
            name: id,
            heartbeat: .seconds(5),
            isLeaving: false,
            partitions: [
                PartitionAnnouncement(partition: PartitionNumber(0), role: role, holding: nil, log: nil, trouble: nil)
            ]
        )
    }

    /// Anyone who may publish to the nodes' exchange can announce any number of nodes.
    @Test func nodesThatAreHeardAreBounded() {
        var view = ClusterView(partitionCount: 1)
        view.hear(node("z", .owner), at: .zero)
        for number in 0..<3_000 { view.hear(node("phantom \(number)"), at: .seconds(1)) }
        #expect(view.members.count == 1_024)
        #expect(view.owner(of: PartitionNumber(0))?.announcement.id == "z", "who is known stays")
        let isHeard = view.hear(node("z"), at: .seconds(2))
        #expect(isHeard)
        // The phantoms are silent for three heartbeats.
        let isFreed = view.expire(at: .seconds(16))
        let hasPlace = view.hear(node("new"), at: .seconds(16))
        #expect(isFreed && hasPlace && view.members.map(\.announcement.id) == ["new", "z"])
    }

    /// A node that finds no place among phantoms must not miss itself: it would take no partition.
    @Test func aNodeAlwaysKnowsItself() {
        var view = ClusterView(partitionCount: 1)
        for number in 0..<1_024 { view.hear(node("phantom \(number)"), at: .zero) }
        view.add(node("me", .owner), at: .zero)
        #expect(AssignmentPlan(view, hasLog: true).owners == ["me"])
    }
}
