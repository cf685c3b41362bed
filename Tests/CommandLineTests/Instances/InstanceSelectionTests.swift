import RepriseKernel
import Testing
import reprise_cli

@Suite struct InstanceSelectionTests {
    @Test func withoutAWordAllInstancesAndNoEntity() {
        #expect(InstanceSelection().matches(.trip("a")))
        #expect(!InstanceSelection().matches(.trip("@counter@a")))
    }

    @Test func everyWordCounts() {
        let traits = InstanceTraits(tags: ["region": "eu", "team": "x"], parent: InstanceID(trusted: "p"))
        let trip = InstanceStatus.trip("trip-1", .failed, traits: traits)
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
