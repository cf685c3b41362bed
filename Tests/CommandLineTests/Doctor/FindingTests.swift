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

    @Test func openTasksAreThoseWithoutAnAnswer() {
        func scheduled(_ id: Int64, _ name: String) -> HistoryRecord {
            HistoryRecord(
                .taskScheduled(
                    ScheduledTask(
                        id: TaskID(id),
                        name: name,
                        input: .null,
                        attempt: 1,
                        key: 1,
                        secret: TaskSecret(high: 0, low: 0)
                    )
                ),
                time: .zero
            )
        }
        let failure = Failure(type: "T", message: "m")
        let history = [
            scheduled(1, "A"), scheduled(2, "B"), scheduled(3, "C"),
            HistoryRecord(.taskCompleted(TaskID(1), result: .null), time: .zero),
            HistoryRecord(.taskFailed(TaskID(3), failure), time: .zero),
        ]
        #expect(OpenTasks.names(in: history) == ["B"])
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.9.9.9", true), ("localhost", true), ("::1", true), ("0.0.0.0", false),
        ("127.0.0.256", false), ("127.0.0", false), ("example.org", false), ("", false),
    ])
    func loopback(host: String, isLoopback: Bool) {
        #expect(Loopback.contains(host) == isLoopback)
    }
}
