import RepriseKernel
import Testing
import reprise_cli

@Suite struct InstanceSelectionTests {
    private func status(
        _ id: String,
        _ runtimeStatus: RuntimeStatus = .running,
        traits: InstanceTraits = InstanceTraits()
    ) -> InstanceStatus {
        InstanceStatus(
            instance: InstanceID(trusted: id),
            name: "Trip",
            incarnation: 1,
            version: 1,
            runtimeStatus: runtimeStatus,
            input: .null,
            customStatus: .null,
            output: .null,
            failure: nil,
            createdTime: .zero,
            lastUpdatedTime: Timestamp(milliseconds: 1_000),
            partition: PartitionNumber(0),
            sequence: 1,
            traits: traits
        )
    }

    @Test func withoutAWordAllInstancesAndNoEntity() {
        #expect(InstanceSelection().matches(status("a")))
        #expect(!InstanceSelection().matches(status("@counter@a")))
    }

    @Test func everyWordCounts() {
        let traits = InstanceTraits(tags: ["region": "eu", "team": "x"], parent: InstanceID(trusted: "p"))
        let trip = status("trip-1", .failed, traits: traits)
        #expect(InstanceSelection(statuses: [.failed, .completed]).matches(trip))
        #expect(!InstanceSelection(statuses: [.completed]).matches(trip))
        #expect(InstanceSelection(name: "Trip").matches(trip) && !InstanceSelection(name: "trip").matches(trip))
        #expect(InstanceSelection(prefix: "trip-").matches(trip) && !InstanceSelection(prefix: "rip").matches(trip))
        #expect(InstanceSelection(tags: ["region": "eu"]).matches(trip))
        #expect(!InstanceSelection(tags: ["region": "eu", "team": "y"]).matches(trip))
        #expect(!InstanceSelection(tags: ["zone": "eu"]).matches(trip))
        #expect(InstanceSelection(parent: InstanceID(trusted: "p")).matches(trip))
        #expect(!InstanceSelection(parent: InstanceID(trusted: "q")).matches(trip))
        #expect(InstanceSelection(unchangedSince: Timestamp(milliseconds: 1_000)).matches(trip))
        #expect(!InstanceSelection(unchangedSince: Timestamp(milliseconds: 999)).matches(trip))
    }
}
