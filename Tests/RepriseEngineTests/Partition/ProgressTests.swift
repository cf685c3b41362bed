import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import Testing

/// What activities say while they work: heard while their task is open, and forgotten with it.
@Suite struct ProgressTests {
    private func rig() throws -> (PartitionFixture, TaskMessage) {
        let rig = try PartitionFixture()
        try rig.send(.start("h", "Hello", tag: "h"))
        return (rig, try #require(rig.takeTasks().first))
    }

    private func report(_ task: TaskMessage, _ json: String, attempt: Int? = nil) -> InboundDelivery.Message {
        var token = task.token
        if let attempt { token.attempt = attempt }
        return .progress(
            ProgressReport(instance: task.instance, token: token, value: Payload(trusted: Array(json.utf8)))
        )
    }

    private func result(_ task: TaskMessage) -> InboundDelivery.Message {
        .result(
            TaskResult(instance: task.instance, token: task.token, outcome: TestOrchestrators.outcome(of: task.task))
        )
    }

    @Test(arguments: [false, true]) func observersHearOfAnOpenTask(restarting: Bool) throws {
        let (rig, task) = try rig()
        // The history must be read first.
        if restarting { try rig.restart() }
        rig.clock.advance(by: .seconds(5))
        let commit = rig.partition.head.commit
        try rig.handle([report(task, "50")])
        #expect(rig.partition.head.commit == commit, "nothing is committed for it")
        let heard = try #require(rig.progress.first)
        #expect(heard.value?.text == "50" && heard.activity == "Double" && heard.attempt == 1)
        #expect(heard.task == task.task.id && heard.name == "Hello" && heard.time == rig.clock.now)
        #expect(heard.epoch == rig.partition.head.epoch)
        try rig.handle([result(task)])
        #expect(rig.progress.map { $0.value?.text } == ["50", nil], "its end is said once")
        try rig.handle([report(task, "100")])
        #expect(rig.progress.count == 2, "it is open no more")
    }

    @Test func ofABatchTheLatestIsHeard() throws {
        let (rig, task) = try rig()
        try rig.handle([report(task, "1"), report(task, "2"), report(task, "3")])
        #expect(rig.progress.map { $0.value?.text } == ["3"])
        try rig.handle([report(task, "4"), result(task)])
        #expect(rig.progress.map { $0.value?.text } == ["3", nil])
    }

    @Test func whatNobodyHasHeardIsNotTakenBack() throws {
        let (rig, task) = try rig()
        try rig.handle([report(task, "1"), result(task)])
        #expect(rig.progress.isEmpty)
    }

    @Test func whatIsNotOfAnOpenAttemptIsDropped() throws {
        let (rig, task) = try rig()
        try rig.handle([report(task, "1", attempt: 2)])
        try rig.handle([report(task, "\"" + String(repeating: "x", count: 16_384) + "\"")])
        var foreign = task
        foreign.task.secret.low += 1
        try rig.handle([report(foreign, "1")])
        foreign = task
        foreign.instance = try InstanceID("nobody")
        try rig.handle([report(foreign, "1")])
        #expect(rig.progress.isEmpty)
        #expect(rig.deadLetters.isEmpty, "nobody is to be troubled with it")
    }

    @Test func anEndEndsItWithoutAWord() throws {
        let (rig, task) = try rig()
        try rig.handle([report(task, "1")])
        try rig.send(.terminate("h"))
        #expect(rig.progress.map { $0.value?.text } == ["1"], "who hears of the end needs no more")
        try rig.handle([report(task, "2")])
        #expect(rig.progress.count == 1)
    }

    @Test func anotherAttemptBeginsWithNothing() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("r", "Retrying", tag: "r"))
        let first = try #require(rig.takeTasks().first)
        try rig.handle([report(first, "1")])
        try rig.handle([result(first)])
        try rig.advance(by: .seconds(2))
        let second = try #require(rig.takeTasks().first)
        try rig.handle([report(second, "2"), report(first, "3")])
        #expect(rig.progress.map { $0.value?.text } == ["1", nil, "2"])
        #expect(rig.progress.map(\.attempt) == [1, 1, 2])
    }

    @Test func aNewOwnerKnowsOfNothing() throws {
        let (rig, task) = try rig()
        try rig.handle([report(task, "1")])
        try rig.restart()
        try rig.handle([result(task)])
        #expect(rig.progress.map { $0.value?.text } == ["1"], "observers forget by the epoch")
    }
}
