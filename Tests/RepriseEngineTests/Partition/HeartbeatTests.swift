import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Testing

/// An activity with a heartbeat limit: what it reports keeps its attempt alive, and is where the next one begins.
@Suite("Heartbeats of activities") struct HeartbeatTests {
    private let rig: PartitionFixture
    private let first: TaskMessage

    init() throws {
        rig = try PartitionFixture(family: ())
        try rig.send(.start("w", "Watched", tag: "w", count: 0))
        first = try #require(rig.takeTasks().first)
    }

    private func result(_ task: TaskMessage, _ outcome: TaskResult.Outcome) -> InboundDelivery.Message {
        .result(TaskResult(instance: task.instance, token: task.token, outcome: outcome))
    }

    private func report(_ task: TaskMessage, _ json: String) -> InboundDelivery.Message {
        .progress(
            ProgressReport(instance: task.instance, token: task.token, value: Payload(trusted: Array(json.utf8)))
        )
    }

    private func failed(_ task: TaskMessage) -> InboundDelivery.Message {
        result(task, .failed(Failure(type: "Broken", message: "it broke")))
    }

    private var pending: Int { rig.journal.state.pending.count }

    @Test("An attempt that reports nothing fails, and the next begins; its late answer is dropped")
    func silent() throws {
        try rig.handle([result(first, .started)])
        try rig.advance(by: .milliseconds(9_999))
        #expect(rig.withdrawn.isEmpty)
        try rig.advance(by: .milliseconds(1))
        #expect(rig.withdrawn.map(\.address.token) == [first.token], "its worker is told")
        try rig.advance(by: .seconds(1))
        let second = try #require(rig.takeTasks().first)
        #expect(second.task.attempt == 2 && second.task.progress == nil && second.task.key == first.task.key)
        try rig.handle([result(first, .completed(Payload(trusted: Array("1".utf8))))])
        #expect(try rig.health()?.droppedResults == 1)
        try rig.handle([result(second, .started)])
        try rig.advance(by: .seconds(10))
        #expect(try rig.output("w") == "\"HeartbeatTimeout\"")
        #expect(rig.journal.state.timers.isEmpty)
    }

    @Test("No time runs before a worker has begun, by its own word or by its first report", arguments: [false, true])
    func waiting(reporting: Bool) throws {
        try rig.advance(by: .seconds(100))
        #expect(rig.withdrawn.isEmpty)
        try rig.handle([reporting ? report(first, "1") : result(first, .started)])
        try rig.advance(by: .seconds(10))
        #expect(rig.withdrawn.count == 1)
    }

    @Test("Each report keeps it alive; a timer that waits on costs no commit")
    func alive() throws {
        try rig.handle([result(first, .started)])
        for step in 1...20 {
            try rig.advance(by: .seconds(6))
            let commit = rig.partition.head.commit
            try rig.advance(by: .seconds(2))
            #expect(rig.partition.head.commit == commit, "step \(step)")
            try rig.handle([report(first, "\(step)")])
        }
        #expect(rig.withdrawn.isEmpty && pending == 1, "the last report alone is kept")
        try rig.handle([result(first, .completed(Payload(trusted: Array("4".utf8))))])
        #expect(try rig.output("w") == "\"4\"")
        #expect(pending == 0 && rig.journal.state.timers.isEmpty)
        #expect(try !rig.history("w").contains("progress of task #1"), "a result says all there is to say")
    }

    @Test("Reports that come close together are not all written down")
    func sparing() throws {
        try rig.handle([report(first, "1")])
        let commit = rig.partition.head.commit
        for value in 2...5 {
            rig.clock.advance(by: .milliseconds(200))
            try rig.handle([report(first, "\(value)")])
        }
        #expect(rig.partition.head.commit == commit)
        rig.clock.advance(by: .milliseconds(200))
        try rig.handle([report(first, "6")])
        #expect(rig.partition.head.commit == commit.next)
    }

    @Test("The next attempt begins where the last one got to, whoever owns the partition", arguments: 0...2)
    func handedOn(restart: Int) throws {
        try rig.handle([report(first, "1")])
        rig.clock.advance(by: .milliseconds(200))
        try rig.handle([report(first, "2")])
        // What came within a second after another report is lost with its owner.
        if restart == 1 { try rig.restart() }
        try rig.handle([failed(first)])
        if restart == 2 { try rig.restart() }
        try rig.advance(by: .seconds(1))
        let second = try #require(rig.takeTasks().first { $0.task.attempt == 2 })
        #expect(second.task.progress?.text == (restart == 1 ? "1" : "2"))
        #expect(try rig.history("w").contains("progress of task #1"))
        #expect(pending == 0)
        try rig.handle([result(second, .completed(Payload(trusted: Array("4".utf8))))])
        #expect(try rig.output("w") == "\"4\"")
    }

    @Test("An attempt that reports nothing hands on what those before it reported")
    func handedOnTwice() throws {
        try rig.handle([report(first, "1")])
        try rig.advance(by: .seconds(10))
        try rig.advance(by: .seconds(1))
        let second = try #require(rig.takeTasks().first)
        #expect(second.task.progress?.text == "1")
        try rig.handle([result(second, .started), result(second, .started)])
        #expect(rig.resumed.map(\.value.text) == ["1"])
    }

    @Test("A new owner gives it the whole time again, once")
    func takenOver() throws {
        try rig.handle([result(first, .started)])
        try rig.advance(by: .seconds(9))
        try rig.restart()
        try rig.advance(by: .milliseconds(9_999))
        #expect(rig.withdrawn.isEmpty)
        try rig.advance(by: .milliseconds(1))
        #expect(rig.withdrawn.map(\.address.token) == [first.token])
    }

    @Test("Another worker that begins the attempt is told how far the last one got", arguments: [false, true])
    func resumed(restarting: Bool) throws {
        try rig.handle([result(first, .started)])
        #expect(rig.resumed.isEmpty, "the first has nobody before it")
        try rig.handle([result(first, .started)])
        #expect(rig.resumed == [ProgressReport(instance: first.instance, token: first.token, value: .null)])
        try rig.handle([report(first, "7")])
        if restarting { try rig.restart() }
        rig.clock.advance(by: .seconds(9))
        try rig.handle([result(first, .started)])
        #expect(rig.resumed.map(\.value.text) == ["null", "7"])
        try rig.advance(by: .seconds(9))
        #expect(rig.withdrawn.isEmpty, "a beginning is a sign of life")
    }

    @Test("What it reported before a suspension is handed on after it")
    func suspended() throws {
        try rig.handle([report(first, "3")])
        try rig.send(.suspend("w"))
        try rig.handle([failed(first)])
        try rig.restart()
        try rig.send(.resume("w"))
        try rig.advance(by: .seconds(1))
        #expect(rig.takeTasks().first { $0.task.attempt == 2 }?.task.progress?.text == "3")
    }

    @Test("Nothing is left of a report when its instance ends, or nobody waits for the task")
    func ends() throws {
        try rig.handle([report(first, "1")])
        try rig.send(.terminate("w"))
        #expect(pending == 0 && rig.journal.state.timers.isEmpty)
        try rig.send(.start("race", "Watched", tag: "r", count: 5))
        let loser = try #require(rig.takeTasks().first)
        try rig.handle([report(loser, "1")])
        try rig.advance(by: .seconds(5))
        try rig.handle([failed(loser)])
        #expect(pending == 0)
        #expect(try rig.status("race")?.runtimeStatus == .running)
    }

    @Test("A rewind starts the failed call afresh")
    func rewound() throws {
        try rig.send(.start("r", "Watched", tag: "r", count: -1))
        for attempt in 1...2 {
            let task = try #require(rig.takeTasks().first)
            #expect(task.task.progress?.text == (attempt == 1 ? nil : "1"))
            try rig.handle([report(task, "\(attempt)"), failed(task)])
            try rig.advance(by: .seconds(1))
        }
        #expect(try rig.status("r")?.runtimeStatus == .failed)
        try rig.send(.rewind("r"))
        let again = try #require(rig.takeTasks().first)
        #expect(again.task.attempt == 1 && again.task.progress == nil)
        try rig.handle([report(again, "5"), failed(again)])
        try rig.advance(by: .seconds(1))
        #expect(rig.takeTasks().first?.task.progress?.text == "5")
    }
}
