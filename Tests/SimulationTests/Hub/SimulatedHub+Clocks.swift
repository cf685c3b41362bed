import RepriseEngine
import RepriseKernel
import RepriseLoad

extension SimulatedHub {
    func environment(of node: SimulatedNode) -> PartitionEnvironment {
        // What a process finds at its start it believes; and what it tells other partitions to do at a time waits there for as
        // long.
        if node.leap.by > Self.believable { node.leap.end() }
        let ahead: Duration = flaw == .runsAheadOfTheClock ? .seconds(5) : .zero
        let wall: @Sendable () -> Timestamp = { [clock, skew = node.skew, leap = node.leap] in
            clock.now + skew + ahead + leap.by
        }
        return PartitionEnvironment(
            wallClock: wall,
            steadyClock: { [clock, flaw] in
                flaw == .countsByTheWallClock ? .milliseconds(wall().milliseconds) : clock.steady
            },
            makeSecret: { [secrets] in secrets.next() }
        )
    }

    /// Somebody sets a machine's clock far ahead or back, and right again: after seconds, or after it has been believed.
    /// A process that starts meanwhile knows no other.
    func leap(_ node: SimulatedNode) {
        guard !node.leap.isOn else { return }
        note(.clockLeapt)
        let leap = [.seconds(-600), Self.believable, .seconds(3_600), .seconds(8 * 24 * 3_600)].randomElement(
            using: &leaps
        )
        guard let leap else { return }
        let lasts = leap > Self.believable || leaps.chance(70) ? 500...7_000 : 60_000...150_000
        node.leap.begin(by: leap, until: now + .milliseconds(Int.random(in: lasts, using: &leaps)))
        furthestLeap = max(furthestLeap, min(leap, Self.believable))
    }

    private static let believable = Duration.seconds(300)

    // MARK: No timer waits for a clock

    /// A timer may be as late as there was trouble, and a little more: each owner knows of the time that passed under the last
    /// only what that one had recorded. Time that is ahead runs slower by a sixteenth.
    private static let lateness = Duration.seconds(120)

    func noteTimers(of commit: JournalCommit, _ partition: PartitionNumber) {
        for timer in commit.timersSet {
            let wait = Duration.milliseconds(max(0, timer.due.milliseconds - commit.progress.time.milliseconds))
            dues[partition, default: [:]][timer] = (now, wait * 17 / 16)
        }
        for timer in commit.timersCleared { dues[partition]?[timer] = nil }
    }

    func checkLateness() {
        guard isHealed else { return }
        for (partition, timers) in dues {
            for (timer, set) in timers where now > max(set.at, healedAt) + set.wait + Self.lateness {
                complain("timer #\(timer.task) of instance \(timer.instance) in partition \(partition) is late")
                dues[partition]?[timer] = nil
            }
        }
    }
}
