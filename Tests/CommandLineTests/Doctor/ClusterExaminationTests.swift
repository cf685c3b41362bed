import RepriseEngine
import RepriseKernel
import Testing
import reprise_cli

@Suite struct ClusterExaminationTests {
    private func state(_ role: PartitionAnnouncement.Role, commit: CommitNumber, epoch: Epoch = 1)
        -> PartitionAnnouncement
    {
        PartitionAnnouncement(
            partition: PartitionNumber(0),
            role: role,
            holding: HeldJournal(
                journal: "j",
                standing: JournalPosition(commit: commit, checksum: 1, epoch: epoch)
            ),
            log: role == .owner ? LogAddress(segment: 3, commit: 0, records: 2) : nil,
            trouble: nil
        )
    }

    private func lines(
        _ nodes: [(name: String, state: PartitionAnnouncement?)],
        at instant: Duration = .zero,
        isOwned: Bool = true
    ) -> [String] {
        var view = ClusterView(partitionCount: 1)
        for (name, state) in nodes {
            let announcement = NodeAnnouncement(
                id: NodeID(rawValue: name),
                name: name,
                heartbeat: .seconds(5),
                isLeaving: false,
                partitions: state.map { [$0] } ?? []
            )
            view.hear(announcement, at: .zero)
        }
        let findings = ClusterExamination(ClusterReport(view, at: instant), locks: [isOwned]).run()
        return findings.map { $0.line(subjectWidth: 0) }
    }

    @Test func allIsWell() {
        let lines = lines([("a", state(.owner, commit: 9)), ("b", state(.standby, commit: 7))])
        #expect(
            lines == [
                "ok  node a  last heard 0 ms ago, heartbeat 5 s", "ok  node b  last heard 0 ms ago, heartbeat 5 s",
                "ok  owner of 0  a, log segment 3, standby b (2 commits behind)",
            ]
        )
    }

    @Test func aNodeAloneHasNoStandby() {
        let lines = lines([("a", state(.owner, commit: 9))])
        #expect(
            lines.last
                == "--  owner of 0  a, log segment 3, no standby yet: start another node, and it takes over when this one dies"
        )
    }

    @Test func amongSeveralAPartitionShouldHaveOne() {
        let lines = lines([("a", state(.owner, commit: 9)), ("b", nil)])
        #expect(lines.last?.hasPrefix("!!  owner of 0  a, log segment 3, no standby") == true)
    }

    @Test func aStandbyThatLags() {
        let lines = lines([("a", state(.owner, commit: 90_000)), ("b", state(.standby, commit: 7))])
        #expect(lines.last?.hasPrefix("!!  owner of 0  a, log segment 3, standby b (89") == true)
        // It may have begun a moment ago.
        #expect(lines.last?.contains("→ check again in a minute: a standby that has just started catches up") == true)
    }

    @Test func twoOwners() {
        let lines = lines([("a", state(.owner, commit: 9)), ("b", state(.owner, commit: 9, epoch: 2))])
        #expect(lines.last?.hasPrefix("!!  owner of 0  b and a say that they own it") == true)
    }

    @Test func aNodeThatIsMissing() {
        let lines = lines([("a", state(.owner, commit: 9))], at: .seconds(15))
        #expect(lines.first?.hasPrefix("!!  node a  last heard 15000 ms ago") == true)
        #expect(lines.last?.hasPrefix("!!  owner of 0  some node has its lock, but none announces it") == true)
    }

    @Test func nobodySpeaks() {
        #expect(lines([]).first?.hasPrefix("!!  nodes  some own partitions, but none is announcing itself") == true)
        #expect(lines([], isOwned: false).isEmpty)
    }

    @Test func trouble() {
        var troubled = state(.standby, commit: 1)
        troubled.trouble = "the disk is full"
        let lines = lines([("a", state(.owner, commit: 1)), ("b", troubled)])
        #expect(lines.contains { $0.hasPrefix("!!  owner of 0  b: the disk is full") })
    }
}
