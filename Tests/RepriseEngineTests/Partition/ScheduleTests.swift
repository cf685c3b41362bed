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
}
