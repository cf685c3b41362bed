import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTestSupport
import Testing

@Suite struct ArmedTimersTests {
    @Test func timersComeByTimeThenInstanceThenTask() {
        var random = SeededRandom(seed: 3)
        let rows = (0..<300).map { index in
            TimerRow(
                .instance(InstanceKey(rawValue: Int64(index % 7)), .task(TaskID(Int64(index)))),
                due: Timestamp(milliseconds: Int64(index % 11))
            )
        }
        for _ in 0..<20 {
            var timers = ArmedTimers()
            for row in rows.shuffled(using: &random) { timers.arm(row) }
            let canceled = Set(rows.filter { _ in random.chance(30) })
            for row in canceled { timers.disarm(row.subject) }
            var taken: [TimerRow] = []
            while let row = timers.takeDue(at: Timestamp(milliseconds: 5)) { taken.append(row) }
            let expected = rows.filter { !canceled.contains($0) && $0.due.milliseconds <= 5 }
                .sorted { ($0.due, $0.subject) < ($1.due, $1.subject) }
            #expect(taken == expected)
            #expect(timers.count == rows.count - canceled.count - taken.count)
            #expect(timers.nextDue().map { $0.milliseconds > 5 } ?? true)
        }
    }

    /// The journal still has it as it was before: a timer that was moved and canceled in one batch came back.
    @Test func aMovedTimerLeavesNothingBehind() {
        let subject = TimerSubject.instance(1, .grace)
        let (before, after) = (
            TimerRow(subject, due: Timestamp(milliseconds: 5)), TimerRow(subject, due: Timestamp(milliseconds: 9))
        )
        func changes(_ work: (inout ArmedTimers) -> Void) -> RowChanges<TimerRow> {
            var timers = ArmedTimers([before])
            work(&timers)
            var commit = JournalCommit(head: JournalHead())
            timers.takeChanges(into: &commit)
            return commit.timers
        }
        let moved = changes { $0.arm(after) }
        #expect(moved.written == [after] && moved.removed == [before])
        let canceled = changes {
            $0.arm(after)
            $0.disarm(subject)
        }
        #expect(canceled.written.isEmpty && canceled.removed == [before])
        let movedBack = changes {
            $0.arm(after)
            $0.arm(before)
        }
        #expect(movedBack.written == [before] && movedBack.removed.isEmpty)
        #expect(changes { $0.arm(before) } == RowChanges(), "nothing has changed")
    }

    /// A wait with a timeout of days cancels its timer when the event comes; each stayed in memory until its day.
    /// Only in memory: what takes it out of the journal must name the time that the journal has.
    @Test func whatIsPutOffIsDueThen() {
        let timer = TimerRow(.instance(1, .heartbeat(TaskID(1))), due: Timestamp(milliseconds: 5))
        var timers = ArmedTimers([timer])
        for (now, later) in [(5, 9), (9, 14)] {
            let taken = timers.takeDue(at: Timestamp(milliseconds: Int64(now)))
            #expect(taken == timer)
            timers.putOff(timer, until: Timestamp(milliseconds: Int64(later)))
            let early = timers.takeDue(at: Timestamp(milliseconds: Int64(later) - 1))
            #expect(early == nil)
            let unwritten = changes(of: &timers)
            #expect(unwritten == RowChanges())
        }
        var moved = timers
        moved.arm(TimerRow(timer.subject, due: Timestamp(milliseconds: 20)))
        let moving = changes(of: &moved)
        #expect(moving.removed == [timer])
        var armedAgain = timers
        armedAgain.arm(timer)
        let same = changes(of: &armedAgain)
        #expect(same == RowChanges())
        let dueAgain = armedAgain.takeDue(at: timer.due)
        #expect(dueAgain == timer)
        timers.disarm(timer.subject)
        let disarmed = changes(of: &timers)
        #expect(disarmed.removed == [timer])
        #expect(timers.count == 0)
    }

    private func changes(of timers: inout ArmedTimers) -> RowChanges<TimerRow> {
        var commit = JournalCommit(head: JournalHead())
        timers.takeChanges(into: &commit)
        return commit.timers
    }

    @Test func canceledTimersDoNotPileUp() {
        var timers = ArmedTimers()
        for index in 0..<10_000 {
            let subject = TimerSubject.instance(1, .task(TaskID(Int64(index))))
            timers.arm(TimerRow(subject, due: Timestamp(milliseconds: .max)))
            timers.disarm(subject)
        }
        #expect(timers.count == 0)
        #expect(timers.places < 1_000)
    }

    @Test(arguments: [
        (5, 7, TimerSubject.instance(5, .task(TaskID(7)))), (5, -1, .instance(5, .begin(generation: 0))),
        (5, -13, .instance(5, .begin(generation: 3))), (5, -30, .instance(5, .scheduleToStart(TaskID(7)))),
        (5, -31, .instance(5, .startToClose(TaskID(7)))), (5, -32, .instance(5, .heartbeat(TaskID(7)))),
        (5, -8, .instance(5, .heartbeat(TaskID(1)))), (5, -4, .instance(5, .grace)),
        (-11, 0, .resending(ResendCourse(key: 5, isSweep: true))),
        (-10, 9, .resending(ResendCourse(key: 5, isSweep: false, after: 9))),
        (
            Int64.min, Int64.max,
            .resending(
                ResendCourse(key: InstanceKey(rawValue: 1 << 62), isSweep: false, after: OutboundNumber(rawValue: .max))
            )
        ),
    ])
    func journalsHaveTwoNumbers(_ instance: Int64, _ task: Int64, _ subject: TimerSubject) {
        #expect(TimerColumns(instance: instance, task: task).subject == subject)
        #expect(TimerColumns(subject) == TimerColumns(instance: instance, task: task))
    }

    @Test func noNumberOfARowTraps() {
        for instance in [Int64.min, .min + 1, -1, 0, 1, .max] {
            for task in [Int64.min, .min + 1, -4, -1, 0, 1, .max] {
                let subject = TimerColumns(instance: instance, task: task).subject
                #expect(TimerColumns(subject) == TimerColumns(TimerColumns(subject).subject))
            }
        }
    }

    @Test func aSignalGoesByItsNumber() {
        #expect(TimerPurpose.signal(7).signal == 7)
        #expect(TimerPurpose.begin(generation: 1).signal == nil)
    }
}
