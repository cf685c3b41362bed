import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTestSupport
import Testing

/// A machine's clock was an hour ahead for seven seconds, or went back by ten minutes, and no timer fired for as long: recorded
/// time was the later of the wall clock and of what was recorded, and stood still until the wall clock had caught up.
@Suite struct ClockLeapTests {
    @Test(arguments: [3600, -600], [false, true])
    func aTimerFiresThoughTheClockHasLeapt(_ leap: Int, restarts: Bool) throws {
        let rig = try PartitionFixture()
        rig.clock.step(by: .seconds(leap))
        try rig.send(.start("b", "Immediate"))
        try rig.advance(by: .seconds(7))
        rig.clock.step(by: .seconds(-leap))
        try rig.send(.start("a", "Race"))
        if leap < 0 { rig.clock.step(by: .seconds(leap)) }
        if restarts { try rig.restart() }
        try rig.advance(by: .seconds(43))
        #expect(try rig.status("a")?.runtimeStatus == .completed)
    }

    /// The machine had booted with 2099, and what it recorded was in the journal: no timer fired any more, on no node.
    @Test func whoTakesOverWithAGoodClockFiresTimersInDueTime() throws {
        let rig = try PartitionFixture()
        rig.clock.step(by: .seconds(73 * 365 * 24 * 3600))
        for _ in 0..<3 { try rig.advance(by: .seconds(61)) }
        try rig.send(.start("a", "Race"))
        rig.clock.step(by: .seconds(-73 * 365 * 24 * 3600))
        try rig.restart()
        try rig.advance(by: .seconds(18))
        #expect(try rig.status("a")?.runtimeStatus == .running)
        try rig.advance(by: .seconds(6))
        #expect(try rig.status("a")?.runtimeStatus == .completed)
    }

    @Test func aTimerThatWasSetBeforeALeapDoesNotFireInIt() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("a", "Race"))
        rig.clock.step(by: .seconds(3600))
        try rig.advance(by: .seconds(7))
        #expect(try rig.status("a")?.runtimeStatus == .running)
    }

    /// With a clock that was eight days ahead for a moment, all ids of a week were forgotten at once, and what was to be kept for
    /// a week was gone.
    @Test(arguments: [false, true]) func whatIsKeptForAWeekIsKeptThroughALeap(restarts: Bool) throws {
        var settings = PartitionSettings()
        settings.retention = [.completed: .seconds(7 * 24 * 3600)]
        let rig = try PartitionFixture(settings)
        try rig.send(.start("a", "Immediate", message: "m"))
        try rig.confirmAll()
        rig.clock.step(by: .seconds(8 * 24 * 3600))
        if restarts { try rig.restart() }
        for _ in 0..<200 {
            try rig.advance(by: .seconds(1))
            try rig.send(.start("b", "Immediate"))
        }
        #expect(try rig.status("a")?.runtimeStatus == .completed)
        try rig.send(.purge("a"))
        // Forgotten, it would run again.
        #expect(try rig.send(.start("a", "Immediate", message: "m")).map(\.word) == ["accepted"])
        #expect(try rig.status("a") == nil)
    }

    /// Each owner began where the last commit was: what had passed without one was lost, and a timer could wait
    /// forever.
    @Test func timeThatIsAheadIsRecordedWhileATimerWaits() throws {
        let rig = try PartitionFixture()
        var start = try Command.start("a", "Race")
        guard case .start(var request) = start.action else { return }
        request.startTime = rig.clock.now + .seconds(200)
        start.action = .start(request)
        try rig.send(start)
        rig.clock.step(by: .seconds(-600))
        for _ in 0..<4 {
            try rig.advance(by: .seconds(65))
            // What the partition does not write down is gone with it.
            try rig.restart()
        }
        try rig.handle([])
        #expect(try rig.status("a")?.runtimeStatus == .running)
    }

    /// No one could tell why a timer did not fire.
    @Test func peopleAreToldOnceThatClocksDifferAndOnceThatTheyAgree() throws {
        let lines = LogLines()
        let rig = try PartitionFixture(logger: lines.logger)
        try rig.advance(by: .seconds(1))
        rig.clock.step(by: .seconds(3600))
        for _ in 0..<7 { try rig.advance(by: .seconds(1)) }
        #expect(lines.all.count == 1 && lines.all[0].contains("is 3600 s ahead of the partition's recorded time"))
        #expect(try rig.health()?.clockDifference == .seconds(3600))
        rig.clock.step(by: .seconds(-3600))
        for _ in 0..<7 { try rig.advance(by: .seconds(1)) }
        #expect(lines.all.count == 2 && lines.all[1].contains("agree again"))
        #expect(try rig.health()?.clockDifference == .zero)
    }

    /// A client that had given up after ten seconds was surprised by what it had asked for: the partition had been busy.
    @Test func aCommandIsTooLateOnceItHasWaitedLongerThanItsSender() throws {
        let rig = try PartitionFixture()
        var start = try Command.start("a", "Race", message: "m")
        start.timeout = .seconds(10)
        let arrived = rig.clock.steady
        rig.clock.advance(by: .seconds(10))
        // A clock that someone sets does not count.
        rig.clock.step(by: .seconds(3600))
        #expect(try rig.handle([.command(start)], arrived: arrived).map(\.word) == ["accepted"])
        rig.clock.advance(by: .seconds(1))
        #expect(try rig.handle([.command(start)], arrived: arrived).map(\.word) == ["accepted"])
        start.messageID = "n"
        start.instance = try InstanceID("b")
        #expect(try rig.handle([.command(start)], arrived: arrived).map(\.word) == ["Expired"])
    }
}
