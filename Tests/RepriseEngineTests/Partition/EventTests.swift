import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTestSupport
import RepriseTesting
import Testing

@Suite struct EventTests {
    @Test func eventsForNobodyAreBounded() throws {
        var settings = PartitionSettings()
        settings.limits.heldEvents = 3
        settings.limits.heldBytes = 1_000
        let rig = try PartitionFixture(settings)
        let large = "\"\(String(repeating: "x", count: 900))\""
        let words = try rig.send(
            .event("a", "item", "1"),
            .event("b", "item", large),
            .event("c", "item", large),
            .event("d", "item", "2"),
            .event("e", "item", "3")
        ).map(\.word)
        #expect(words == ["accepted", "accepted", "TooManyPending", "accepted", "TooManyPending"])
        #expect(rig.deadLetters.map(\.code) == [.tooManyPending, .tooManyPending])
        #expect(rig.deadLetters[0].reason.contains("2 events (9"))
        try rig.send(.start("b", "Race"))
        #expect(try rig.send(.event("e", "item", "3")).map(\.word) == ["accepted"], "there is room again")
        try rig.restart()
        #expect(try rig.send(.event("f", "item", "3")).map(\.word) == ["TooManyPending"])
        try rig.advance(by: .seconds(30))
        #expect(rig.journal.state.held.isEmpty && rig.partition.nextDue() == nil)
    }

    @Test func earlyEventsWaitInOrder() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("a", "Hello", count: 1))
        try rig.send(.event("a", "item", "1"), .event("a", "other", "2"))
        #expect(rig.journal.state.pending.count == 2)
        try rig.restart()
        try rig.work()
        #expect(try rig.status("a")?.runtimeStatus == .completed)
        #expect(rig.journal.state.pending.isEmpty, "what waited for an instance that ended goes with it")
    }

    @Test func eventsForAnUnknownInstanceAreHeldForItsStart() throws {
        let rig = try PartitionFixture()
        try rig.send(.event("a", "item", "1"), .event("a", "item", "2"))
        try rig.restart()
        try rig.send(.event("a", "item", "3"), .start("a", "Collector", count: 3))
        #expect(try rig.status("a")?.output.text == "[1,2,3]")
        #expect(rig.journal.state.held.isEmpty)
        try rig.advance(by: .seconds(60))
        #expect(rig.deadLetters.isEmpty)
    }

    @Test func aHeldEventBecomesADeadLetterAfterHalfAMinute() throws {
        let rig = try PartitionFixture()
        try rig.send(.event("a", "item", "1"))
        #expect(rig.partition.nextDue() == rig.clock.now + .seconds(30))
        try rig.advance(by: .seconds(29))
        #expect(rig.deadLetters.isEmpty)
        try rig.advance(by: .seconds(1))
        #expect(rig.deadLetters.map(\.code) == [.unknownInstance])
        #expect(rig.journal.state.held.isEmpty)
    }

    @Test func anInteractiveOrUnorderedEventIsNotHeld() throws {
        let rig = try PartitionFixture()
        var event = try Command.event("a", "item", "1")
        event.isOrdered = false
        #expect(try rig.send(event).map(\.word) == ["UnknownInstance"])
        event.isOrdered = true
        event.isInteractive = true
        #expect(try rig.send(event).map(\.word) == ["UnknownInstance"])
        #expect(rig.journal.state.held.isEmpty)
    }

    @Test func eventsAndResultsWaitWhileSuspended() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("a", "Hello", count: 1), .start("b", "Collector", count: 1))
        try rig.send(.suspend("a"), .suspend("b"))
        let tasks = rig.takeTasks()
        let result = TaskResult(instance: tasks[0].instance, token: tasks[0].token, outcome: .completed(.null))
        var good = result
        good.outcome = TestOrchestrators.outcome(of: tasks[0].task)
        try rig.handle([.result(good), .result(result), .command(.event("b", "item", "5"))])
        #expect(try rig.health()?.droppedResults == 1, "the second result of one task")
        try rig.restart()
        try rig.handle([.result(result)])
        #expect(try rig.health()?.droppedResults == 2)
        #expect(try rig.status("a")?.runtimeStatus == .suspended)
        try rig.send(.resume("a"), .resume("b"))
        #expect(try rig.status("a")?.output.text == "[0]")
        #expect(try rig.status("b")?.output.text == "[5]")
        #expect(
            try rig.history("a").suffix(5) == [
                "suspension", "resumption", "result of task #1", "set the custom status", "complete",
            ]
        )
    }

    @Test func aTimerThatFallsDueWhileSuspendedFiresAtTheResumption() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("a", "Pacer", count: 1))
        try rig.send(.suspend("a"))
        try rig.advance(by: .seconds(5))
        #expect(try rig.status("a")?.runtimeStatus == .suspended)
        try rig.restart()
        try rig.send(.resume("a"))
        #expect(try rig.status("a")?.runtimeStatus == .completed)
        #expect(rig.journal.state.timers.isEmpty && rig.journal.state.pending.isEmpty)
    }

    @Test func aCanceledTimerLeavesNoEventAndNoRow() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("r", "Race"))
        #expect(rig.journal.state.timers.count == 1)
        try rig.send(.event("r", "go", #""now""#))
        #expect(rig.journal.state.timers.isEmpty)
        try rig.advance(by: .seconds(60))
        #expect(try rig.history("r").contains { $0.hasPrefix("firing") } == false)
    }

    @Test func aTerminatedInstanceTakesItsTimersAlong() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("a", "Pacer"), .start("b", "Pacer"))
        try rig.restart()
        try rig.send(.suspend("b"), .terminate("a"), .terminate("b"))
        #expect(rig.journal.state.timers.isEmpty)
        #expect(rig.partition.nextDue() == nil)
        #expect(try rig.status("b")?.runtimeStatus == .terminated)
        try rig.send(.start("c", "Pacer"), .terminate("c"))
        #expect(rig.journal.state.timers.isEmpty)
        #expect(rig.leaks.inside == 0)
    }

    @Test func wrongAndLateResultsAreDroppedAndCounted() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("a", "Hello", count: 2))
        let task = rig.takeTasks()[0]
        var wrong = task.token
        wrong.secret.low += 1
        let good = TaskResult(
            instance: task.instance,
            token: task.token,
            outcome: .completed(Payload(trusted: Array("0".utf8)))
        )
        var other = good
        other.instance = try InstanceID("nobody")
        try rig.handle([
            .result(TaskResult(instance: task.instance, token: wrong, outcome: .completed(.null))), .result(other),
            .result(good), .result(good),
        ])
        try rig.handle([.result(good)])
        #expect(try rig.health()?.droppedResults == 4)
        #expect(try rig.history("a").filter { $0 == "result of task #1" }.count == 1)
    }

    /// A held event's key was remembered as accepted; when the event became a dead letter and someone sent it again,
    /// it was taken for a repeat and swallowed.
    @Test func aDeadLetterOfAHeldEventCanBeSentAgain() throws {
        let rig = try PartitionFixture()
        let event = try Command.event("a", "item", "1", message: "e1")
        #expect(try rig.send(event, event).map(\.word) == ["accepted", "accepted"])
        #expect(try rig.send(event).map(\.word) == ["accepted"])
        #expect(rig.journal.state.held.count == 1, "the repeat of a held event is not held again")
        #expect(try rig.send(.event("a", "item", "2", message: "e1")).map(\.word) == ["ConflictingKey"])
        try rig.advance(by: .seconds(30))
        try rig.send(.start("a", "Collector", count: 1))
        #expect(try rig.send(event).map(\.word) == ["accepted"])
        #expect(try rig.status("a")?.output.text == "[1]")
        #expect(try rig.send(event).map(\.word) == ["accepted"], "and now it is a repeat")
    }

    @Test func aHeldEventThatWasReleasedIsRemembered() throws {
        let rig = try PartitionFixture()
        let event = try Command.event("a", "item", "1", message: "e1")
        try rig.send(event)
        try rig.send(.start("a", "Collector", count: 2))
        #expect(try rig.send(event).map(\.word) == ["accepted"])
        #expect(try rig.history("a").filter { $0.hasPrefix("event") }.count == 1)
    }

    /// Who publishes over AMQP without a reply_to is not told; and no one else was.
    @Test func aDeadLetterIsSaidOnceAMinute() throws {
        let lines = LogLines()
        let rig = try PartitionFixture(logger: lines.logger)
        try rig.send(.start("a", "No\nbody"), .start("b", "Nobody"))
        #expect(lines.all.count == 1, "\(lines.all)")
        #expect(
            lines.all.first?.hasPrefix("A message that cannot be used is a dead letter (") == true,
            "\(lines.all)"
        )
        #expect(
            lines.all.first?.contains("No body") == true
                && lines.all.first?.hasSuffix("; see: reprise dead list") == true
        )
        try rig.send(.event("c", "item", "1"))
        try rig.advance(by: .seconds(61))
        try rig.send(.start("b", "Nobody"))
        #expect(lines.all.count == 3, "an event that was held in vain, and the next minute: \(lines.all)")
    }

    /// Held for an instance that ended in its first turn, an event vanished without a trace.
    @Test func aHeldEventThatItsInstanceCannotTakeIsADeadLetter() throws {
        let rig = try PartitionFixture()
        try rig.send(.event("a", "item", "1"))
        try rig.send(.start("a", "Immediate"))
        #expect(rig.deadLetters.map(\.code) == [.ended])
    }

    /// Events that no one waits for filled the table, and the one the code was waiting for was refused.
    @Test func aFullTableRefusesOnlyWhatWouldHaveToWait() throws {
        var settings = PartitionSettings()
        settings.limits.pendingEvents = 2
        let rig = try PartitionFixture(settings)
        try rig.send(.start("a", "Collector", count: 1))
        #expect(
            try rig.send(.event("a", "x"), .event("a", "x"), .event("a", "x")).map(\.word) == [
                "accepted", "accepted", "TooManyPending",
            ]
        )
        #expect(try rig.send(.event("a", "item", "1")).map(\.word) == ["accepted"])
        #expect(try rig.status("a")?.runtimeStatus == .completed)
    }

    /// Six hundred events of 1 MiB for one instance took 600 MB of its node's memory, and again after each restart: only
    /// their number was bounded.
    @Test func waitingEventsAreBoundedInBytes() throws {
        var settings = PartitionSettings()
        settings.limits.pendingBytes = 2_000
        settings.limits.partitionPendingBytes = 3_000
        let rig = try PartitionFixture(settings)
        for id in ["a", "b"] { try rig.send(.start(id, "Collector", count: 1)) }
        let large = "\"\(String(repeating: "x", count: 900))\""
        #expect(
            try rig.send(.event("a", "x", large), .event("a", "x", large), .event("a", "x", large)).map(\.word) == [
                "accepted", "accepted", "TooManyPending",
            ]
        )
        #expect(rig.deadLetters.last?.reason.contains("of at most 2000 bytes") == true)
        #expect(
            try rig.send(.event("b", "x", large), .event("b", "x", large)).map(\.word) == [
                "accepted", "TooManyPending",
            ]
        )
        #expect(rig.deadLetters.last?.reason.contains("of at most 3000 bytes") == true)
        try rig.restart()
        #expect(try rig.send(.event("a", "x", large)).map(\.word) == ["TooManyPending"])
        #expect(try rig.send(.event("a", "item", "1")).map(\.word) == ["accepted"], "what is awaited need not wait")
        #expect(try rig.send(.event("b", "x", large)).map(\.word) == ["accepted"], "there is room again")
    }

    /// A delayed request waits beside its entity as an event does beside its instance.
    @Test func waitingRequestsAreBoundedInBytes() throws {
        var settings = PartitionSettings()
        settings.limits.pendingBytes = 2_000
        let rig = try PartitionFixture(family: settings)
        let large = "\"\(String(repeating: "x", count: 900))\""
        let words = try (0..<3).map { _ in
            try rig.send(.operate("@account@a", "add", large, due: rig.clock.now + .seconds(60))).map(\.word)
        }
        #expect(words == [["accepted"], ["accepted"], ["TooManyPending"]])
    }
}
