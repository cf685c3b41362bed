import RepriseEngine
import RepriseKernel
import Testing

/// Recorded time as the clocks alone make it. Off: how far a clock is ahead of real time.
@Suite struct PartitionClockTests {
    private let start = Timestamp(milliseconds: 1_800_000_000_000)
    private let week = Duration.seconds(7 * 24 * 3600)

    /// What is recorded, second by second, while the wall clock is off.
    private func run(_ clock: inout PartitionClock, _ seconds: ClosedRange<Int>, off: Duration) -> [Duration] {
        seconds.map { second in
            let real = start + .seconds(second)
            let recorded = clock.read(wall: real + off, steady: .seconds(second))
            return .milliseconds(recorded.milliseconds - real.milliseconds)
        }
    }

    private func clock(after last: Timestamp?, off: Duration = .zero) -> PartitionClock {
        PartitionClock(after: last, WallWatch(wall: start + off, steady: .zero, trust: ClockTrust()))
    }

    @Test(arguments: [3600, 8 * 24 * 3600, -600])
    func aLeapThatReturnsIsNotRecorded(_ leap: Int) {
        var clock = clock(after: start)
        #expect(Set(run(&clock, 1...10, off: .zero)) == [.zero])
        #expect(Set(run(&clock, 11...18, off: .seconds(leap))) == [.zero])
        #expect(!clock.agrees && clock.difference == .seconds(leap))
        #expect(Set(run(&clock, 19...100, off: .zero)) == [.zero])
        #expect(clock.agrees)
    }

    @Test func aJumpThatLastsIsBelieved() {
        var clock = clock(after: start)
        let off = run(&clock, 1...120, off: .seconds(3600))
        #expect(Array(off.prefix(60)) == Array(repeating: .zero, count: 60))
        #expect(Array(off.suffix(60)) == Array(repeating: .seconds(3600), count: 60))
        // What is deleted for its age does not believe it.
        #expect(clock.slowest == start + .seconds(120))
    }

    @Test func timeThatIsAheadRunsSlowerUntilTheWallClockHasCaughtUp() {
        var clock = clock(after: start + .seconds(20))
        let off = run(&clock, 1...400, off: .zero)
        #expect(off.prefix(4) == [.milliseconds(19_938), .seconds(19.875), .milliseconds(19_813), .seconds(19.75)])
        #expect(off[318] == .milliseconds(63) && off[319] == .zero && off.last == .zero)
        #expect(clock.agrees)
    }

    @Test func aClockThatIsSetBackForGoodIsFollowedInTheEnd() {
        var clock = clock(after: start)
        let off = run(&clock, 1...11_000, off: .seconds(-600))
        #expect(off[59] == .zero)
        #expect(off.last == .seconds(-600))
        for (before, after) in zip(off, off.dropFirst()) {
            #expect((.milliseconds(-63)...(.zero)).contains(after - before))
        }
    }

    /// A node whose clock was eight days ahead took a partition, and all ids of a week were forgotten at once.
    @Test(arguments: [50, 5000]) func whoTakesAPartitionInALeapDeletesNothing(_ seconds: Int) {
        let ahead = week + .seconds(24 * 3600)
        var clock = clock(after: start, off: ahead)
        _ = run(&clock, 1...seconds, off: ahead)
        #expect(clock.slowest <= start + .seconds(seconds))
        _ = run(&clock, seconds + 1...seconds + 100, off: .zero)
        #expect(clock.slowest <= start + .seconds(seconds + 100) && clock.slowest > .zero)
    }

    /// Recorded time is far ahead for good; what deletes goes by the clock that is right now.
    @Test func whoTakesOverFromAClockThatWasAheadDeletesByItsOwn() {
        var clock = clock(after: start + week)
        _ = run(&clock, 1...60, off: .zero)
        #expect(clock.slowest == start + .seconds(60))
    }

    @Test func aSmallStepIsBelievedAtOnce() {
        var clock = clock(after: start)
        #expect(run(&clock, 1...1, off: .seconds(2)) == [.seconds(2)])
    }

    @Test func aMachineThatBootsIn2099IsNotBelievedAtOnce() {
        let ahead = Duration.seconds(73 * 365 * 24 * 3600)
        var clock = clock(after: start, off: ahead)
        #expect(Set(run(&clock, 0...30, off: ahead)) == [.zero])
        #expect(Set(run(&clock, 31...300, off: .zero)) == [.zero])
    }

    @Test func aNightWithoutAnOwnerIsBelievedAtOnce() {
        var clock = clock(after: start + .seconds(-12 * 3600))
        #expect(Set(run(&clock, 0...3, off: .zero)) == [.zero])
    }

    @Test func aHubThatRestedForAYearCatchesUp() {
        var clock = clock(after: start + .seconds(-365 * 24 * 3600))
        #expect(run(&clock, 0...60, off: .zero).last == .zero)
    }

    /// 2099 was recorded. A timer of 20 s that is set then takes 21.3 s at most, on whichever node.
    @Test func durationsAreRightAlsoFarAhead() {
        let ahead = Duration.seconds(73 * 365 * 24 * 3600)
        var clock = clock(after: start + ahead)
        let set = clock.read(wall: start, steady: .zero)
        #expect(clock.read(wall: start + .seconds(20), steady: .seconds(20)) < set + .seconds(20))
        #expect(clock.read(wall: start + .seconds(22), steady: .seconds(22)) > set + .seconds(20))
    }

    /// A machine that slept: both clocks went on.
    @Test func aNightOfSleepIsTimeThatHasPassed() {
        var clock = clock(after: start)
        _ = run(&clock, 1...10, off: .zero)
        #expect(run(&clock, 30_000...30_001, off: .zero) == [.zero, .zero])
        #expect(clock.agrees && clock.slowest == start + .seconds(30_001))
    }
}
