import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTestSupport

extension SimulatedHub {
    func environment(of node: SimulatedNode) -> PartitionEnvironment {
        // What a process finds at its start it believes; and what it tells other partitions to do at a time waits there for as
        // long.
        if node.leap.by > Self.believable { node.leap.end() }
        let ahead: Duration = flaw == .runsAheadOfTheClock ? .seconds(5) : .zero
        let shown: @Sendable () -> Timestamp = { [clock, skew = node.skew, leap = node.leap, lag = node.lag] in
            clock.now + skew + ahead + leap.by + lag.by
        }
        let (first, begun) = (shown(), clock.steady)
        let wall: @Sendable () -> Timestamp = { [clock, flaw] in
            flaw == .believesItsFirstClock ? first + (clock.steady - begun) : shown()
        }
        return PartitionEnvironment(
            wallClock: wall,
            steadyClock: { [clock, flaw] in
                flaw == .countsByTheWallClock ? .milliseconds(wall().milliseconds) : clock.steady
            },
            makeSecret: { [secrets] in secrets.next() }
        )
    }

    /// Someone sets a machine's clock far ahead or back, and right again: after seconds, or after it has been believed.
    /// A process that starts meanwhile knows no other.
    func leap(_ node: SimulatedNode) {
        guard !node.leap.isOn else { return }
        note(.clockLeapt)
        let leap = [.seconds(-600), Self.believable, .seconds(3_600), .seconds(8 * 24 * 3_600)].randomElement(
            using: &leaps
        )
        guard let leap else { return }
        let lasts = leap > Self.believable || leaps.chance(70) ? 500...7_000 : 60_000...150_000
        let until = now + .milliseconds(Int.random(in: lasts, using: &leaps))
        node.leap.begin(by: leap, until: until)
        lastWrong = max(lastWrong, until)
        furthestLeap = max(furthestLeap, min(leap, Self.believable))
    }

    /// A machine comes up with a clock that is hours off, and someone puts it right: after seconds, or long after it
    /// has been believed, since a process that begins knows no other.
    func beginUnderAnotherClock(_ node: SimulatedNode) {
        guard !isHealed, begins.chance(6), !node.lag.isOn,
            let off = [Duration.seconds(-7_200), .seconds(-900), .seconds(1_200), .seconds(5_400)].randomElement(
                using: &begins
            )
        else { return }
        note(.begunUnderAnotherClock)
        let until = now + .milliseconds(Int.random(in: 500...90_000, using: &begins))
        node.lag.begin(by: off, until: until)
        lastWrong = max(lastWrong, until)
        // It may leap on top of that.
        furthestLeap = max(furthestLeap, off + Self.believable)
        wasBegunUnderAnotherClock = true
    }

    /// What one partition tells another to do at a time waits there for as long as the other's clock was ahead: nothing else
    /// is to be done, and so the time is let pass.
    func passIdleTime() {
        guard let known = clocksKnown, isHealed else { return }
        // An owner for whom nothing is due does not look at its clock. Here it does, as if something came now and then.
        for partition in partitions { _ = owner(of: partition)?.recordedTime() }
        guard now > known, mail.isEmpty, broker.isIdle else { return }
        var waits: [Duration] = []
        for partition in partitions {
            guard let owned = owner(of: partition) else { return }
            guard let due = owned.nextDue() else { continue }
            waits.append(.milliseconds(due.milliseconds - owned.recordedTime().milliseconds))
        }
        guard let wait = waits.min(), wait > .seconds(5) else { return }
        pass(wait - .seconds(2))
    }

    /// However wrong the clock was under which a process began, the partitions it has come to show the right time.
    func checkClocks() {
        guard let known = clocksKnown else { return }
        for partition in partitions {
            guard let owned = owner(of: partition), now > known else { continue }
            let behind = clock.now.milliseconds - owned.recordedTime().milliseconds
            if .milliseconds(behind) > Self.clocksDiffer {
                complain("partition \(partition) is \(behind / 1_000) s behind every clock")
            }
        }
    }

    /// When all partitions are to show the right time again; nil where no process began under a wrong clock.
    var clocksKnown: Duration? {
        // Clocks are believed after a minute, by owners that have them since the trouble is over.
        wasBegunUnderAnotherClock ? max(lastWrong, healedAt) + .seconds(100) : nil
    }

    private static let clocksDiffer = Duration.seconds(60)

    private static let believable = Duration.seconds(300)

    // MARK: No timer waits for a clock

    /// A timer may be as late as there was trouble, and a little more: each owner knows of the time that passed under the last
    /// only what that one had recorded. Time that is ahead runs slower by a sixteenth.
    private static let lateness = Duration.seconds(120)

    func noteTimers(of commit: JournalCommit, _ partition: PartitionNumber) {
        for timer in commit.timers.written {
            let wait = Duration.milliseconds(max(0, timer.due.milliseconds - commit.head.time.milliseconds))
            // One of the same name takes the place of the one before: a second course that sends all again, for instance.
            dues[partition] = dues[partition]?.filter { $0.key.subject != timer.subject }
            dues[partition, default: [:]][timer] = (now, wait * 17 / 16)
        }
        for timer in commit.timers.removed { dues[partition]?[timer] = nil }
    }

    func checkLateness() {
        guard isHealed else { return }
        for (partition, timers) in dues {
            for (timer, set) in timers where now > max(set.at, healedAt) + set.wait + Self.lateness {
                complain("the timer \(timer.subject) in partition \(partition) is late")
                dues[partition]?[timer] = nil
            }
        }
    }
}
