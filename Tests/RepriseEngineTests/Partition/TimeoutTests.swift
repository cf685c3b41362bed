import RepriseEngine
import RepriseKernel
import RepriseTesting
import Testing

@Suite struct TimeoutTests {
    private func rig() throws -> (PartitionFixture, TaskMessage) {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("t", "Timed", tag: "t"))
        return (rig, try #require(rig.takeTasks().first))
    }

    private func result(_ task: TaskMessage, _ outcome: TaskResult.Outcome) -> InboundDelivery.Message {
        .result(TaskResult(instance: task.instance, token: task.token, outcome: outcome))
    }

    @Test(arguments: [false, true]) func aTaskThatNobodyBeginsTimesOut(restarting: Bool) throws {
        let (rig, task) = try rig()
        try rig.advance(by: .seconds(9))
        if restarting { try rig.restart() }
        #expect(try rig.status("t")?.runtimeStatus == .running)
        try rig.advance(by: .seconds(1))
        #expect(try rig.output("t") == "\"ScheduleToStartTimeout\"")
        #expect(rig.withdrawn.map(\.address.token) == [task.token])
        try rig.handle([result(task, .completed(.null))])
        #expect(try rig.health()?.droppedResults == 1)
        #expect(rig.journal.state.timers.isEmpty)
    }

    @Test(arguments: [false, true]) func aTaskThatHasBegunHasItsOwnTime(restarting: Bool) throws {
        let (rig, task) = try rig()
        try rig.advance(by: .seconds(8))
        try rig.handle([result(task, .started), result(task, .started)])
        if restarting { try rig.restart() }
        try rig.advance(by: .seconds(4))
        #expect(try rig.status("t")?.runtimeStatus == .running)
        if restarting { try rig.restart() }
        try rig.advance(by: .seconds(1))
        #expect(try rig.output("t") == "\"StartToCloseTimeout\"")
        #expect(rig.journal.state.timers.isEmpty)
    }

    @Test func aResultInTimeLeavesNoTimer() throws {
        let (rig, task) = try rig()
        try rig.handle([result(task, .started), result(task, .completed(Payload(trusted: Array("4".utf8))))])
        #expect(try rig.output("t") == "\"4\"")
        #expect(rig.journal.state.timers.isEmpty)
        #expect(rig.withdrawn.isEmpty)
    }

    /// A copy of a task that has ended: its worker need not begin.
    @Test func whoeverBeginsWhatHasEndedIsTold() throws {
        let (rig, task) = try rig()
        try rig.handle([result(task, .started)])
        #expect(rig.withdrawn.isEmpty)
        try rig.handle([result(task, .completed(Payload(trusted: Array("4".utf8))))])
        try rig.handle([result(task, .started)])
        #expect(rig.withdrawn.map(\.address.token) == [task.token])
        try rig.send(.purge("t"))
        try rig.handle([result(task, .started)])
        #expect(rig.withdrawn.map(\.address.token) == [task.token, task.token])
        #expect(try rig.health()?.droppedResults == 0)
    }

    @Test func aTerminationWithdrawsWhatRuns() throws {
        let (rig, task) = try rig()
        try rig.send(.terminate("t"))
        #expect(rig.withdrawn.map(\.address.token) == [task.token])
        #expect(rig.withdrawn.map(\.activity) == ["Double"])
        #expect(rig.journal.state.timers.isEmpty)
    }
}
