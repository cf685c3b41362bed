import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Testing

@Suite("Cancellation with clean-up")
struct CancellationTests {
    /// Restarting: the process dies after each commit, and what was published is published again.
    @Test(arguments: [false, true]) func itsCodeIsToldAndCleansUp(restarting: Bool) throws {
        let rig = try PartitionFixture.cancelable()
        func die() throws { if restarting { try rig.restart() } }
        try rig.send(.start("a", "Undoing"))
        try die()
        try rig.work()
        try die()
        #expect(try rig.send(.cancel("a", message: "c")).map(\.word) == ["accepted"])
        try die()
        #expect(try rig.send(.cancel("a", message: "c")).map(\.word) == ["accepted"], "the same again")
        #expect(try rig.status("a")?.runtimeStatus == .running)
        try rig.advance(by: .seconds(5))
        try die()
        try rig.settle()
        #expect(
            try rig.history("a") == [
                "start of 'Undoing'", "call activity 'Double' (#1)", "result of task #1", "create a timer (#3)",
                "request to cancel", "create a timer (#4)", "firing of timer #4", "call activity 'Double' (#5)",
                "result of task #5", "set the custom status", "cancel",
            ]
        )
        let status = try #require(try rig.status("a"))
        #expect(status.runtimeStatus == .canceled && status.output == .string("stop"))
        #expect(status.customStatus == .string("undone: stop"))
        #expect(rig.journal.state.timers.isEmpty && rig.journal.state.pending.isEmpty)
        #expect(
            Set(rig.statuses.map(\.version)).sorted() == [1, 2, 3, 4] && rig.statuses.last?.kind == .canceled
                && rig.statuses.contains { $0.kind == .cancelRequested }
        )
        #expect(try rig.send(.cancel("a")).map(\.word) == ["Ended"])
        #expect(try rig.send(.rewind("a")).map(\.word) == ["Ended"])
    }

    @Test(arguments: [false, true]) func everythingThatIsAwaitedThrowsOnce(restarting: Bool) throws {
        let rig = try PartitionFixture.cancelable()
        try rig.send(.start("a", "Everything"))
        if restarting { try rig.restart() }
        try rig.send(.cancel("a"))
        let output = try rig.output("a")
        #expect(output == #"["timer","activity","child","entity","event"]"#, "all of them, always in this order")
        #expect(try rig.status("a")?.runtimeStatus == .completed, "what returns is completed")
        #expect(rig.withdrawn.map(\.activity) == ["Double"], "its worker is told")
        try rig.passOn()
        try rig.work()
        #expect(rig.journal.state.timers.isEmpty)
        #expect(try rig.status("patient")?.runtimeStatus == .running, "a child goes on unless asked")
    }

    @Test(arguments: [false, true]) func whatTakesTooLongIsEndedAllTheSame(restarting: Bool) throws {
        let rig = try PartitionFixture.cancelable()
        try rig.send(.start("a", "Deaf"), .start("b", "Deaf"))
        try rig.send(.cancel("a"), .cancel("b", grace: .seconds(20)))
        if restarting { try rig.restart() }
        try rig.advance(by: .seconds(9))
        #expect(try rig.status("a")?.runtimeStatus == .running)
        if restarting { try rig.restart() }
        try rig.advance(by: .seconds(1))
        #expect(try rig.status("a")?.runtimeStatus == .canceled)
        #expect(try rig.status("b")?.runtimeStatus == .running, "the request said longer")
        #expect(rig.withdrawn.last?.reason == "the orchestration was canceled")
        try rig.advance(by: .seconds(10))
        #expect(try rig.status("b")?.runtimeStatus == .canceled)
        #expect(try rig.history("a").last == "cancel")
        let dropped = try #require(try rig.health()?.droppedResults)
        try rig.work()
        #expect(try #require(try rig.health()?.droppedResults) > dropped, "late results are dropped, and counted")
        #expect(rig.journal.state.timers.isEmpty)
    }

    @Test func aSecondRequestChangesNothing() throws {
        let rig = try PartitionFixture.cancelable()
        try rig.send(.start("a", "Deaf"))
        try rig.send(.cancel("a"))
        try rig.advance(by: .seconds(6))
        let history = try rig.history("a")
        #expect(try rig.send(.cancel("a", grace: .seconds(100))).map(\.word) == ["accepted"])
        #expect(try rig.history("a") == history)
        try rig.advance(by: .seconds(4))
        #expect(try rig.status("a")?.runtimeStatus == .canceled)
    }

    @Test func whatHasNotBegunEndsAtOnce() throws {
        let rig = try PartitionFixture.cancelable()
        let later = rig.clock.now + .seconds(60)
        try rig.send(.start("a", "Undoing", Order(tag: "a")) { $0.startTime = later })
        try rig.send(.cancel("a"))
        #expect(try rig.status("a")?.runtimeStatus == .canceled)
        try rig.advance(by: .seconds(61))
        #expect(try rig.history("a") == ["scheduling of 'Undoing'", "cancel"])
        #expect(rig.journal.state.timers.isEmpty)
        #expect(try rig.send(.cancel("nobody")).map(\.word) == ["UnknownInstance"])
        try rig.send(.start("b", "Undoing"))
        for grace in [Duration.seconds(-1), .seconds(367 * 86_400)] {
            #expect(try rig.send(.cancel("b", grace: grace)).map(\.word) == ["Invalid"])
        }
    }

    @Test(arguments: [false, true]) func whoIsSuspendedIsToldWhenResumed(restarting: Bool) throws {
        let rig = try PartitionFixture.cancelable()
        try rig.send(.start("a", "Undoing"))
        try rig.work()
        try rig.send(.suspend("a"))
        #expect(try rig.send(.cancel("a"), .cancel("a")).map(\.word) == ["accepted", "accepted"])
        if restarting { try rig.restart() }
        try rig.advance(by: .seconds(10_000))
        #expect(try rig.history("a").last == "suspension")
        try rig.send(.resume("a"))
        #expect(try rig.history("a").suffix(3) == ["resumption", "request to cancel", "create a timer (#4)"])
        // Suspended in its clean-up, it has the whole time again afterwards.
        try rig.send(.suspend("a"))
        if restarting { try rig.restart() }
        try rig.advance(by: .seconds(10_000))
        #expect(try rig.status("a")?.runtimeStatus == .suspended)
        try rig.send(.resume("a"))
        try rig.advance(by: .seconds(1))
        try rig.settle()
        #expect(try rig.status("a")?.customStatus == .string("undone: stop"))
        #expect(try rig.status("a")?.runtimeStatus == .canceled)
    }

    /// A code that will not hear goes on for ever, generation by generation: each is told, and the time is one.
    @Test(arguments: [false, true]) func everyGenerationIsToldAndTheTimeIsOne(restarting: Bool) throws {
        let rig = try PartitionFixture.cancelable()
        try rig.send(.start("a", "Relentless", 0))
        try rig.send(.cancel("a", grace: .seconds(10)))
        for _ in 0..<9 {
            if restarting { try rig.restart() }
            try rig.advance(by: .seconds(1))
        }
        #expect(try rig.status("a")?.input.text == "3")
        #expect(
            try rig.history("a").prefix(3) == ["start of 'Relentless'", "create a timer (#7)", "request to cancel"]
        )
        try rig.advance(by: .seconds(1))
        #expect(try rig.status("a")?.runtimeStatus == .canceled)
        #expect(rig.journal.state.timers.isEmpty && rig.journal.state.pending.isEmpty)
    }

    @Test(arguments: [false, true]) func aCleanUpThatFailedIsRewound(restarting: Bool) throws {
        let rig = try PartitionFixture.cancelable()
        try rig.send(.start("a", "Breaking"))
        try rig.send(.cancel("a"))
        for task in rig.takeTasks() {
            let outcome = TaskResult.Outcome.failed(Failure(type: "Broken", message: "no"))
            try rig.handle([.result(TaskResult(instance: task.instance, token: task.token, outcome: outcome))])
        }
        #expect(try rig.status("a")?.runtimeStatus == .failed)
        if restarting { try rig.restart() }
        #expect(try rig.send(.rewind("a")).map(\.word) == ["accepted"])
        #expect(rig.journal.state.timers.count == 1, "its grace period, again")
        if restarting { try rig.restart() }
        try rig.settle()
        #expect(try rig.status("a")?.runtimeStatus == .canceled)
    }

    @Test(arguments: [false, true]) func childrenAreCanceledWhenAskedAndTheParentHears(children: Bool) throws {
        let rig = try PartitionFixture.cancelable()
        try rig.send(.start("g", "Grandparent", Upbringing(id: "c", name: "Undoing")))
        try rig.settle()
        try rig.send(.cancel("g", children: children))
        #expect(try rig.status("g")?.runtimeStatus == .canceled)
        try rig.passOn()
        try rig.advance(by: .seconds(5))
        try rig.settle()
        #expect(try rig.status("c")?.runtimeStatus == (children ? .canceled : .running))
        #expect(rig.deadLetters.isEmpty)
        try rig.send(.start("p", "Parent", Upbringing(id: "d", name: "Undoing")))
        try rig.settle()
        try rig.send(.cancel("d"))
        try rig.advance(by: .seconds(5))
        try rig.settle()
        let cause = try #require(try rig.status("p")?.failure?.cause)
        #expect(cause.type == "Canceled" && cause.message.contains("stop") && cause.isNonRetriable)
    }

    @Test(arguments: [false, true]) func aLockIsKeptForTheCleanUpOrGivenBack(restarting: Bool) throws {
        let rig = try PartitionFixture.cancelable()
        try rig.send(.start("a", "Locking"))
        try rig.passOn()
        try rig.send(.start("b", "Locking"))
        if restarting { try rig.restart() }
        try rig.send(.cancel("a"), .cancel("b"))
        #expect(try rig.status("b")?.runtimeStatus == .canceled, "it had not begun to hold the lock")
        try rig.settle()
        #expect(try rig.status("a")?.runtimeStatus == .canceled)
        #expect(try rig.status("@account@a")?.customStatus.text == "1")
        try rig.send(.start("k", "Locking"))
        try rig.settle()
        try rig.send(.event("k", "go", "7"))
        #expect(try rig.output("k") == "7", "the lock is free")
    }
}
