import Foundation
import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import Testing

@Suite struct ScheduleTests {
    private func rig() throws -> PartitionFixture {
        try PartitionFixture(adding: [RegisteredOrchestrator(Scheduler())])
    }
    private func started(_ rig: PartitionFixture) -> [String] {
        rig.statuses.filter { $0.kind == .started && $0.name == "Immediate" }.map(\.instance.value)
    }

    @Test(arguments: [false, true]) func itStartsAgainAndAgain(restarting: Bool) throws {
        let rig = try rig()
        // 2023-11-14T22:13:20Z.
        let schedule = Schedule(cron: "*/30 * * * *", name: "Immediate", input: ["tag": "x", "count": 1])
        try rig.send(.start("s", Schedule.orchestrator, schedule))
        for _ in 0..<5 {
            try rig.advance(by: .seconds(1_800))
            if restarting { try rig.restart() }
            try rig.passOn()
        }
        #expect(
            Set(started(rig)).sorted() == [
                "s@2023-11-14T22:30:00Z", "s@2023-11-14T23:00:00Z", "s@2023-11-14T23:30:00Z", "s@2023-11-15T00:00:00Z",
                "s@2023-11-15T00:30:00Z",
            ]
        )
        let status = try #require(try rig.status("s"))
        #expect(status.customStatus.text.contains(#""count":5"#))
        #expect(status.customStatus.text.contains(#""nextStart":"2023-11-15T01:00:00Z""#))
    }

    /// No node ran for a day: one start makes up for all that was missed.
    @Test func whatWasMissedIsMadeUpForOnce() throws {
        let rig = try rig()
        try rig.send(
            .start(
                "s",
                Schedule.orchestrator,
                Schedule(everySeconds: 3_600, name: "Immediate", input: ["tag": "x", "count": 1])
            )
        )
        try rig.passOn()
        #expect(started(rig).count == 1)
        try rig.advance(by: .seconds(86_400))
        try rig.passOn()
        #expect(started(rig).count == 2)
        try rig.advance(by: .seconds(3_600))
        try rig.passOn()
        #expect(started(rig).count == 3)
    }

    /// The times it keeps are whole seconds; the pause is not.
    @Test func aPauseWithAFractionKeepsItsPace() throws {
        let rig = try rig()
        rig.clock.advance(by: .milliseconds(700))
        let schedule = Schedule(everySeconds: 1.5, name: "Immediate", input: ["tag": "x", "count": 1])
        try rig.send(.start("s", Schedule.orchestrator, schedule))
        for _ in 0..<90 {
            try rig.advance(by: .milliseconds(100))
            try rig.passOn()
        }
        #expect(started(rig).count == 7)
    }

    @Test func suspendedItRestsAndTerminatedItEnds() throws {
        let rig = try rig()
        try rig.send(
            .start(
                "s",
                Schedule.orchestrator,
                Schedule(cron: "0 * * * *", name: "Immediate", input: ["tag": "x", "count": 1])
            )
        )
        try rig.send(.suspend("s"))
        try rig.advance(by: .seconds(7_200))
        try rig.passOn()
        #expect(started(rig).isEmpty)
        try rig.send(.resume("s"))
        try rig.advance(by: .seconds(3_600))
        try rig.passOn()
        #expect(started(rig).count == 2)
        try rig.send(.terminate("s"))
        try rig.advance(by: .seconds(7_200))
        try rig.passOn()
        #expect(started(rig).count == 2)
    }

    @Test func aScheduleThatMakesNoSenseFails() throws {
        let rig = try rig()
        try rig.send(.start("s", Schedule.orchestrator, Schedule(cron: "61 * * * *", name: "Immediate")))
        #expect(try rig.status("s")?.failure?.type == "InvalidSchedule")
        #expect(try rig.status("s")?.failure?.message.contains("minute") == true)
    }

    /// No node ran for a while: whatever was due within the window starts, once, and nothing older.
    @Test(arguments: [Schedule.Overlap.allowAll, .skip, .bufferOne, .terminateOther], [false, true])
    func theWindowSaysWhatIsMadeUpFor(overlap: Schedule.Overlap, restarting: Bool) throws {
        let rig = try rig()
        // 2023-11-14T22:13:20Z.
        let schedule = Schedule(
            cron: "*/10 * * * *",
            overlap: overlap,
            catchUpSeconds: 3_000,
            name: "Immediate",
            input: ["tag": "x", "count": 1]
        )
        try rig.send(.start("s", Schedule.orchestrator, schedule))
        try rig.advance(by: .seconds(400))
        try rig.settle(restarting: restarting)
        #expect(Set(started(rig)) == ["s@2023-11-14T22:20:00Z"])
        // Down until 02:20:00: what was due from 01:30 on counts.
        rig.clock.advance(by: .seconds(4 * 3_600))
        try rig.restart()
        try rig.advance(by: .zero)
        for _ in 0..<20 { try rig.settle(restarting: restarting) }
        let missed = ["01:30", "01:40", "01:50", "02:00", "02:10", "02:20"].map { "s@2023-11-15T\($0):00Z" }
        let made: [String] =
            switch overlap {
            case .allowAll: missed
            // All others are due while the first one runs.
            case .skip: [missed[0]]
            case .bufferOne: [missed[0], missed[1]]
            case .cancelOther, .terminateOther: [missed[5]]
            }
        let later = started(rig).filter { $0 > "s@2023-11-14T22:20:00Z" }
        #expect(Set(later).sorted() == made, "\(later)")
    }

    /// A machine's clock leaps, and goes back: no time is started twice, and none after the leap is left out.
    @Test(arguments: [3_600, -600, 7_200], [false, true])
    func clocksThatLeapDoubleNothing(leap: Int, restarting: Bool) throws {
        let rig = try rig()
        let schedule = Schedule(
            cron: "* * * * *",
            catchUpSeconds: 86_400,
            name: "Immediate",
            input: ["tag": "x", "count": 1]
        )
        try rig.send(.start("s", Schedule.orchestrator, schedule))
        func pass(_ minutes: Int) throws {
            for _ in 0..<minutes * 4 {
                try rig.advance(by: .seconds(15))
                try rig.settle(restarting: restarting)
            }
        }
        try pass(3)
        rig.clock.step(by: .seconds(leap))
        try pass(2)
        rig.clock.step(by: .seconds(-leap))
        try pass(5)
        try pass(max(0, leap / 60))
        let status = try #require(try rig.status("s"))
        let said = try PayloadCoding.decode(ScheduleStatus.self, from: status.customStatus, as: "it")
        let times = Set(started(rig)).sorted()
        #expect(said.count == times.count, "each is started once")
        // Without a gap from the first on.
        let first = try Date("2023-11-14T22:14:00Z", strategy: .iso8601)
        #expect(times == (0..<times.count).map { "s@" + first.addingTimeInterval(Double($0) * 60).formatted(.iso8601) })
        #expect(times.count >= 10)
    }

    /// The process dies at every step, and the broker says everything twice: each time is started once.
    @Test(arguments: Schedule.Overlap.allCases) func whoDiesAtEveryStepDoublesNothing(overlap: Schedule.Overlap) throws
    {
        let rig = try rig()
        let schedule = Schedule(
            everySeconds: 10,
            overlap: overlap,
            jitterSeconds: 5,
            catchUpSeconds: 600,
            name: "Immediate",
            input: ["tag": "x", "count": 1]
        )
        try rig.send(.start("s", Schedule.orchestrator, schedule))
        for _ in 0..<60 {
            try rig.advance(by: .seconds(1))
            try rig.passOn(twice: true)
            try rig.confirmLast()
            try rig.restart()
        }
        let ids = rig.statuses.filter { $0.kind == .started && $0.name == "Immediate" }
        let versions = ids.map { "\($0.instance) \($0.incarnation)" }
        #expect(Set(ids.map(\.instance)).count == Set(versions).count, "none has begun twice")
        #expect(Set(ids.map(\.instance)).count >= 5)
        let status = try #require(try rig.status("s"))
        #expect(try PayloadCoding.decode(ScheduleStatus.self, from: status.customStatus, as: "it").skipped == 0)
    }
}
