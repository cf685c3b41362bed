import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import Testing

@Suite struct ArmedTimersTests {
    @Test func timersComeByTimeThenInstanceThenTask() {
        var random = SeededRandom(seed: 3)
        let rows = (0..<300).map { index in
            TimerRow(
                instance: InstanceKey(rawValue: Int64(index % 7)),
                task: TaskID(Int64(index)),
                due: Timestamp(milliseconds: Int64(index % 11))
            )
        }
        for _ in 0..<20 {
            var timers = ArmedTimers()
            for row in rows.shuffled(using: &random) { timers.arm(row) }
            let canceled = Set((0..<300).filter { _ in random.chance(30) }.map { TaskID(Int64($0)) })
            for row in rows where canceled.contains(row.task) { timers.disarm(instance: row.instance, task: row.task) }
            var taken: [TimerRow] = []
            while let row = timers.takeDue(at: Timestamp(milliseconds: 5)) { taken.append(row) }
            let expected = rows.filter { !canceled.contains($0.task) && $0.due.milliseconds <= 5 }
                .sorted { ($0.due, $0.instance, $0.task) < ($1.due, $1.instance, $1.task) }
            #expect(taken == expected)
            #expect(timers.count == rows.count { !canceled.contains($0.task) } - taken.count)
            #expect(timers.nextDue().map { $0.milliseconds > 5 } ?? true)
        }
    }

    /// A wait with a timeout of days cancels its timer when the event comes; each stayed in memory until its day.
    @Test func canceledTimersDoNotPileUp() {
        var timers = ArmedTimers()
        for index in 0..<10_000 {
            timers.arm(TimerRow(instance: 1, task: TaskID(Int64(index)), due: Timestamp(milliseconds: .max)))
            timers.disarm(instance: 1, task: TaskID(Int64(index)))
        }
        #expect(timers.count == 0)
        #expect(timers.places < 1_000)
    }
}
