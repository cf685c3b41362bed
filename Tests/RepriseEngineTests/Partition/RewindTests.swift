import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Testing

/// A failed instance is rewound: what failed is done again, what was done stays done.
@Suite struct RewindTests {
    /// Answers tasks of this number with a failure, others with their number.
    private func work(_ rig: PartitionFixture, failing failed: Set<Int64>) throws {
        let tasks = rig.takeTasks()
        try rig.handle(
            tasks.map { task in
                let id = task.task.id.value
                return .result(
                    TaskResult(
                        instance: task.instance,
                        token: task.token,
                        outcome: failed.contains(id)
                            ? .failed(Failure(type: "Down", message: "task \(id)")) : .completed(.number(id))
                    )
                )
            }
        )
    }

    private func answer(_ rig: PartitionFixture, _ task: TaskMessage, _ value: Int64?) throws {
        let outcome: TaskResult.Outcome =
            if let value { .completed(.number(value)) } else { .failed(Failure(type: "Down", message: "no")) }
        try rig.handle([.result(TaskResult(instance: task.instance, token: task.token, outcome: outcome))])
    }

    private func rig() throws -> PartitionFixture {
        try PartitionFixture(adding: [
            RegisteredOrchestrator(TwoSteps()), RegisteredOrchestrator(Gatherer()), RegisteredOrchestrator(Stubborn()),
            RegisteredOrchestrator(Asker()), RegisteredOrchestrator(TimedBeside()),
            RegisteredOrchestrator(Announcer()),
        ])
    }

    @Test func theActivityThatFailedIsTriedAnew() throws {
        let rig = try rig()
        try rig.send(.start("a", "TwoSteps"))
        try work(rig, failing: [])
        let before = rig.takeTasks()
        try answer(rig, before[0], nil)
        #expect(try rig.status("a")?.runtimeStatus == .failed)

        #expect(try rig.send(.rewind("a")).map(\.word) == ["accepted"])
        let status = try #require(try rig.status("a"))
        #expect(status.runtimeStatus == .running && status.failure == nil && status.output.isNull)
        #expect(status.customStatus.text == "\"first done\"")
        let again = rig.takeTasks()
        #expect(again.map(\.task.id) == [TaskID(2)])
        #expect(again[0].task.key != before[0].task.key, "a worker that remembers its failure must not give it again")
        try rig.restart()
        try answer(rig, again[0], 5)
        #expect(try rig.status("a")?.output.text == "6")
        #expect(
            try rig.history("a") == [
                "start of 'TwoSteps'", "call activity 'Step' (#1)", "result of task #1", "set the custom status",
                "call activity 'Step' (#2)", "failure of task #2", "fail with ActivityFailed", "rewind",
                "call activity 'Step' (#2)", "result of task #2", "complete",
            ]
        )
        let statuses = Dictionary(rig.statuses.map { ($0.version, $0) }, uniquingKeysWith: { $1 })
        #expect((1...5).map { statuses[$0]?.kind } == [.started, .customStatusSet, .failed, .rewound, .completed])
        #expect(statuses.count == 5 && Set(rig.statuses.map(\.incarnation)).count == 1)
    }

    /// The code had waited for all of five, and two failed: a rewind that tries the last one only fails at once again.
    @Test func allThatFailedWhileTheCodeWaitedIsTriedAnew() throws {
        let rig = try rig()
        try rig.send(.start("g", "Gatherer", count: 5))
        try work(rig, failing: [2, 4])
        #expect(try rig.status("g")?.runtimeStatus == .failed)
        try rig.send(.rewind("g"))
        let again = rig.takeTasks()
        #expect(again.map(\.task.id) == [TaskID(2), TaskID(4)])
        for task in again {
            try rig.restart()
            try answer(rig, task, task.task.id.value)
        }
        #expect(try rig.status("g")?.output.text == "15")
    }

    @Test func aTaskThatWasUnderWayGoesOutUnderItsOldToken() throws {
        let rig = try rig()
        try rig.send(.start("f", "FanOut"))
        let tasks = rig.takeTasks()
        try answer(rig, tasks[0], 1)
        try answer(rig, tasks[1], nil)
        #expect(try rig.status("f")?.runtimeStatus == .failed)
        try rig.send(.rewind("f"))
        let again = rig.takeTasks()
        #expect(again.map(\.task.id) == [TaskID(2), TaskID(3)])
        #expect(again[1].token == tasks[2].token && again[1].task.key == tasks[2].task.key)
        try answer(rig, tasks[2], 3)
        try answer(rig, again[0], 2)
        #expect(try rig.status("f")?.output.text == "6")
        #expect(try #require(try rig.health()).droppedResults == 0)
    }

    @Test func theRetriesOfACallBeginFromTheFirst() throws {
        let rig = try rig()
        try rig.send(.start("s", "Stubborn"))
        for _ in 0..<2 {
            try work(rig, failing: [1, 3, 4, 5, 6, 7])
            try rig.advance(by: .seconds(5))
        }
        #expect(try rig.status("s")?.runtimeStatus == .failed)
        for _ in 0..<3 {
            try rig.send(.rewind("s"))
            let first = rig.takeTasks()
            #expect(first.map(\.task.attempt) == [1])
            try answer(rig, first[0], nil)
            try rig.advance(by: .seconds(5))
            let second = rig.takeTasks()
            #expect(second.map(\.task.attempt) == [2])
            #expect(second[0].task.key == first[0].task.key)
            try rig.restart()
            #expect(rig.takeTasks() == second, "only what is wanted goes out again")
            try answer(rig, second[0], nil)
            #expect(try rig.status("s")?.runtimeStatus == .failed)
        }
        try rig.send(.rewind("s"))
        try work(rig, failing: [])
        #expect(try rig.status("s")?.runtimeStatus == .completed)
        #expect(rig.journal.state.timers.isEmpty)
    }

    /// A worker had begun the task when another one failed the execution: what it said then no longer counts.
    @Test(arguments: [false, true]) func whatHadBegunHasItsTimeOutsAgain(restarting: Bool) throws {
        let rig = try rig()
        try rig.send(.start("t", "TimedBeside"))
        let tasks = rig.takeTasks()
        let slow = try #require(tasks.first { $0.task.name == "Slow" })
        try rig.handle([.result(TaskResult(instance: slow.instance, token: slow.token, outcome: .started))])
        try answer(rig, try #require(tasks.first { $0.task.name == "Step" }), nil)
        #expect(try rig.status("t")?.runtimeStatus == .failed)
        try rig.send(.rewind("t"))
        if restarting { try rig.restart() }
        try rig.advance(by: .seconds(10))
        try answer(rig, try #require(rig.takeTasks().last { $0.task.name == "Step" }), 1)
        #expect(try rig.status("t")?.failure?.cause?.type == Failure.Kind.scheduleToStart)
        try rig.send(.rewind("t"))
        let again = try #require(rig.takeTasks().last { $0.task.name == "Slow" })
        try rig.handle([.result(TaskResult(instance: again.instance, token: again.token, outcome: .started))])
        try rig.advance(by: .seconds(5))
        #expect(try rig.status("t")?.failure?.cause?.type == Failure.Kind.startToClose)
        #expect(rig.journal.state.timers.isEmpty)
    }

    /// A receiver of what the code sent recognizes the repeat when the step is taken again.
    @Test func whatWasSentIsNotSentTwice() throws {
        let rig = try PartitionFixture(
            adding: [RegisteredOrchestrator(Announcer())],
            entities: [RegisteredEntity(Account(), limits: Limits())]
        )
        func balance() throws -> String? {
            guard case .status(let status, _)? = try rig.ask(.status(EntityID("Account", "a").instance, history: false))
            else { return nil }
            return status?.customStatus.text
        }
        try rig.send(.start("a", "Announcer"))
        for _ in 0..<3 {
            try answer(rig, try #require(rig.takeTasks().last), nil)
            try rig.passOn()
            #expect(try balance() == "1", "the same in the same step")
            try rig.send(.rewind("a"))
        }
        try answer(rig, try #require(rig.takeTasks().last), 5)
        try rig.passOn()
        #expect(try rig.status("a")?.runtimeStatus == .completed)
        #expect(try balance() == "6", "what the step sends now is something else")
        #expect(rig.deadLetters.isEmpty)
    }

    /// It had decided to continue as new and was set aside before it did: nothing in its history asks for more.
    @Test(arguments: [false, true]) func whatFailedBetweenTwoGenerationsBeginsTheNext(restarting: Bool) throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("r", "Rounds", Rounds.State(left: 1, reads: true)))
        try rig.send(.event("r", "Item", "1"), .suspend("r"))
        for _ in 1...3 {
            rig.marker.trap(in: try InstanceID("r"))
            try rig.restart()
        }
        #expect(try rig.send(.resume("r")).map(\.word) == ["Ended"])
        #expect(try rig.status("r")?.failure?.type == Failure.Kind.trapped)
        #expect(try rig.send(.rewind("r")).map(\.word) == ["accepted"])
        if restarting { try rig.restart() }
        try rig.advance(by: .milliseconds(1))
        try rig.send(.event("r", "Item", "2"))
        #expect(try rig.output("r") == "[1,2]")
        #expect(rig.journal.state.timers.isEmpty && rig.journal.breaches.isEmpty)
    }

    /// The code failed with an event in its hands; an early one waited behind it.
    @Test func eventsOutliveTheFailure() throws {
        let rig = try rig()
        try rig.send(.start("a", "Asker"))
        try rig.send(.event("a", "later", "7"), .event("a", "answer", "\"no\""))
        #expect(try rig.status("a")?.failure?.type == "Refused")
        try rig.restart()
        try rig.send(.rewind("a"))
        #expect(try rig.status("a")?.failure?.type == "Refused", "the same answer is given once more")
        #expect(rig.journal.state.pending.count == 1)
    }

    @Test func whatWasSetAsideGoesOnFromItsHistory() throws {
        let rig = try rig()
        try rig.send(.start("a", "TwoSteps"))
        for _ in 1...3 {
            rig.marker.trap(in: try InstanceID("a"))
            try rig.restart()
        }
        try work(rig, failing: [])
        #expect(try rig.status("a")?.failure?.type == "OrchestratorTrapped")
        try rig.restart()
        #expect(try rig.send(.rewind("a")).map(\.word) == ["accepted"])
        #expect(rig.takeTasks().last?.task.id == TaskID(2), "the result that was never taken is taken now")
    }

    @Test func codeThatTrapsInTheRewindStaysAsideAfterThree() throws {
        let rig = try rig()
        try rig.send(.start("t", "Thrower"))
        try rig.work()
        let history = try rig.history("t")
        for _ in 1...3 {
            rig.marker.trap(in: try InstanceID("t"))
            try rig.restart()
        }
        #expect(try rig.send(.rewind("t")).map(\.word) == ["NotRewindable"])
        #expect(try rig.history("t") == history)
        #expect(rig.journal.state.crashes.isEmpty)
        #expect(try rig.send(.rewind("t")).map(\.word) == ["accepted"])
    }

    @Test func codeThatNoLongerFitsIsRewoundOnceItDoes() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("f", "Fickle"))
        try rig.restart()
        try rig.work()
        #expect(try rig.status("f")?.failure?.type == "NonDeterministicOrchestrator")
        // Every other replay decides as the first did.
        #expect(try rig.send(.rewind("f")).map(\.word) == ["accepted"])
        #expect(try rig.status("f")?.runtimeStatus == .running)
        try rig.restart()
        #expect(try rig.send(.suspend("f"), .resume("f")).map(\.word) == ["accepted", "Ended"])
        #expect(try rig.send(.rewind("f")).map(\.word) == ["accepted"])
    }

    @Test func onlyWhatFailedCanBeRewound() throws {
        let rig = try rig()
        try rig.send(
            .start("r", "TwoSteps"),
            .start("c", "Immediate"),
            .start("t", "TwoSteps"),
            .start("s", "TwoSteps")
        )
        try rig.send(.terminate("t"), .suspend("s"))
        #expect(
            try rig.send(.rewind("r"), .rewind("c"), .rewind("t"), .rewind("s"), .rewind("x")).map(\.word) == [
                "NotFailed", "Ended", "Ended", "NotFailed", "UnknownInstance",
            ]
        )
    }

    /// Start, failure and rewind in one batch: the rewind reads what the others have committed.
    @Test func aRewindInTheBatchOfTheFailure() throws {
        let rig = try rig()
        try rig.send(.start("a", "Asker"))
        #expect(
            try rig.send(.event("a", "answer", "\"no\""), .rewind("a"), .rewind("a")).map(\.word)
                == Array(repeating: "accepted", count: 3)
        )
        #expect(try rig.history("a").count { $0 == "rewind" } == 2)
        try rig.restart()
        #expect(rig.journal.breaches.isEmpty)
    }
}
