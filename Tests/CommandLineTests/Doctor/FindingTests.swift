import RepriseKernel
import Testing
import reprise_cli

@Suite struct FindingTests {
    @Test func lines() {
        #expect(Finding.ok("hub", "there").line(subjectWidth: 5) == "ok  hub    there")
        #expect(Finding.bad("hub", "gone", advice: "look").line(subjectWidth: 3) == "!!  hub  gone → look")
        #expect(Finding.note("hub", "old\n").line(subjectWidth: 3) == "--  hub  old ")
    }

    @Test func aClockThatIsOffIsNamed() {
        var health = PartitionHealth(
            partition: PartitionNumber(3),
            node: "n",
            journal: "j",
            epoch: 1,
            commits: 2,
            sequence: 3,
            instances: 4,
            liveSessions: 5,
            unconfirmed: 6,
            retrying: 7,
            armedTimers: 8,
            droppedResults: 9
        )
        #expect(ClockFinding.of(health) == nil)
        health.clockDifference = .seconds(3600)
        #expect(ClockFinding.of(health)?.line(subjectWidth: 11).contains("the wall clock of n is 3600 s ahead") == true)
        health.clockDifference = .seconds(-10)
        #expect(ClockFinding.of(health)?.line(subjectWidth: 11).contains("the wall clock of n is 10 s behind") == true)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.9.9.9", true), ("localhost", true), ("::1", true), ("0.0.0.0", false),
        ("127.0.0.256", false), ("127.0.0", false), ("example.org", false), ("", false),
    ])
    func loopback(host: String, isLoopback: Bool) {
        #expect(Loopback.contains(host) == isLoopback)
    }
}
