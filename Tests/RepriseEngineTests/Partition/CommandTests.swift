import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Testing

@Suite struct CommandTests {
    @Test func helloFromStartToEnd() throws {
        let rig = try PartitionFixture()
        #expect(try rig.send(.start("a", "Hello", count: 2)).map(\.word) == ["accepted"])
        try rig.work()
        try rig.work()
        #expect(
            try rig.history("a") == [
                "start of 'Hello'", "call activity 'Double' (#1)", "result of task #1", "set the custom status",
                "call activity 'Double' (#2)", "result of task #2", "set the custom status", "complete",
            ]
        )
        #expect(rig.statuses.map(\.kind) == [.started, .customStatusSet, .customStatusSet, .completed])
        #expect(rig.statuses.map(\.version) == [1, 2, 3, 4])
        #expect(rig.statuses.map(\.sequence) == [1, 2, 3, 4])
        let status = try #require(try rig.status("a"))
        #expect(status.output.text == "[0,2]" && status.customStatus.text == "\"step 1\"")
        #expect(rig.leaks.inside == 0)
    }

    @Test func whatIsRefusedSaysWhy() throws {
        let rig = try PartitionFixture()
        #expect(try rig.send(.start("a", "Nobody")).map(\.word) == ["UnknownOrchestrator"])
        try rig.send(.start("a", "Race"))
        #expect(try rig.send(.start("a", "Race")).map(\.word) == ["AlreadyExists"])
        #expect(try rig.send(.purge("a")).map(\.word) == ["NotEnded"])
        #expect(try rig.send(.resume("a")).map(\.word) == ["NotSuspended"])
        #expect(try rig.send(.suspend("a")).map(\.word) == ["accepted"])
        #expect(try rig.send(.suspend("a")).map(\.word) == ["AlreadySuspended"])
        for command: Command in [try .terminate("x"), try .suspend("x"), try .resume("x"), try .purge("x")] {
            #expect(try rig.send(command).map(\.word) == ["UnknownInstance"])
        }
        try rig.send(.terminate("a"))
        for command: Command in [try .terminate("a"), try .suspend("a"), try .resume("a"), try .event("a", "go")] {
            #expect(try rig.send(command).map(\.word) == ["Ended"])
        }
        #expect(rig.deadLetters.count == 13)
    }

    @Test func anInteractiveSenderDealsWithARefusalItself() throws {
        let rig = try PartitionFixture()
        var command = try Command.terminate("x")
        command.isInteractive = true
        #expect(try rig.send(command).map(\.word) == ["UnknownInstance"])
        #expect(rig.deadLetters.isEmpty)
    }

    @Test func aRepeatGetsTheSameAnswerAndAnotherBodyIsAConflict() throws {
        let rig = try PartitionFixture()
        let start = try Command.start("a", "Immediate", message: "m1")
        #expect(try rig.send(start, start).map(\.word) == ["accepted", "accepted"])
        #expect(try rig.send(start).map(\.word) == ["accepted"])
        try rig.restart()
        #expect(try rig.send(start).map(\.word) == ["accepted"])
        #expect(try rig.send(.start("a", "Immediate", tag: "other", message: "m1")).map(\.word) == ["ConflictingKey"])
        #expect(
            rig.statuses.filter { $0.kind == .started }.map(\.incarnation).count == 2,
            "one of them published again"
        )
        #expect(Set(rig.statuses.map(\.sequence)) == [1, 2])
    }

    @Test func anEndedIdIsUsedAgainOnlyWithAMessageID() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("a", "Race", tag: "one"))
        try rig.send(.event("a", "go"))
        #expect(try rig.send(.start("a", "Race", tag: "two")).map(\.word) == ["AlreadyExists"])
        #expect(try rig.send(.start("a", "Race", tag: "two", message: "m")).map(\.word) == ["accepted"])
        let status = try #require(try rig.status("a"))
        #expect(status.runtimeStatus == .running && status.customStatus.isNull && status.version == 1)
        try rig.confirmAll()
        try rig.send(.start("b", "Immediate"))
        #expect(
            rig.journal.state.instances.count == 2,
            "the replaced incarnation is deleted once the broker has it all"
        )
    }

    @Test func purgedIdsOutliveTheirStart() throws {
        let rig = try PartitionFixture()
        let start = try Command.start("a", "Immediate", message: "m1")
        try rig.send(start)
        try rig.send(.purge("a"))
        #expect(try rig.send(start).map(\.word) == ["accepted"], "a repeat, not a new start")
        #expect(try rig.status("a") == nil)
        try rig.confirmAll()
        try rig.send(.start("b", "Race"))
        #expect(rig.journal.state.instances.count == 1 && rig.journal.state.history.count == 1)
    }

    @Test func aBatchMeansWhatItsMessagesMeanOneByOne() throws {
        let commands: [Command] = [
            try .event("c", "item", "0"), try .start("c", "Collector", count: 3, message: "s1"),
            try .event("c", "ITEM", "1"),
            try .suspend("c"), try .event("c", "item", "2"), try .resume("c"),
            try .start("i", "Immediate", message: "s2"),
            try .start("i", "Immediate", tag: "j", message: "s3"), try .purge("i"),
            try .start("h", "Hasty", message: "s4"),
            try .start("i", "Race", message: "s5"), try .start("r", "Race", message: "s6"),
            try .event("r", "go", "\"now\""),
            try .start("t", "Race", message: "s7"), try .terminate("t"), try .event("t", "go"),
            try .start("p", "Pacer"),
        ]
        let single = try PartitionFixture()
        for command in commands { try single.send(command) }
        let batched = try PartitionFixture()
        try batched.handle(commands.map { .command($0) })
        for id in ["c", "i", "h", "r", "t", "p"] {
            #expect(try single.history(id) == batched.history(id), "\(id)")
        }
        #expect(single.statuses.map(\.kind).count == batched.statuses.map(\.kind).count)
        #expect(try single.status("c")?.output.text == "[0,1,2]")
    }

    /// A redelivery of a command that was accepted came after its deadline: it was answered `Expired` and kept as a dead
    /// letter, although it had been carried out.
    @Test func aRepeatAfterTheDeadlineIsStillTheAcceptedCommand() throws {
        let rig = try PartitionFixture()
        var start = try Command.start("a", "Race", message: "m1")
        start.deadline = rig.clock.now + .seconds(10)
        #expect(try rig.send(start).map(\.word) == ["accepted"])
        rig.clock.advance(by: .seconds(11))
        #expect(try rig.send(start).map(\.word) == ["accepted"])
        start.messageID = "m2"
        start.instance = try InstanceID("b")
        #expect(try rig.send(start).map(\.word) == ["Expired"])
        #expect(rig.deadLetters.map(\.code) == [.expired])
    }

    /// The wall clock stepped forward an hour and back: recorded time was ahead of it, and every command with a deadline
    /// was refused as expired for that hour.
    @Test func deadlinesAreComparedWithTheWallClock() throws {
        let rig = try PartitionFixture()
        rig.clock.step(by: .seconds(3600))
        try rig.send(.start("a", "Race"))
        // For so long that it is believed.
        for _ in 0..<2 { try rig.advance(by: .seconds(61)) }
        rig.clock.step(by: .seconds(-3600))
        var start = try Command.start("b", "Race", message: "m1")
        start.deadline = rig.clock.now + .seconds(10)
        #expect(try rig.send(start).map(\.word) == ["accepted"])
    }

    @Test func pagesOfInstancesGoOnBeyondAThousand() throws {
        let rig = try PartitionFixture()
        for index in 0..<1_100 { try rig.send(.start("i\(index)", "Immediate")) }
        var cursor: InstanceKey? = 0
        var count = 0
        while let after = cursor {
            guard case .instances(let page)? = try rig.ask(.instances(after: after, limit: 5_000)) else { break }
            count += page.statuses.count
            cursor = page.next
        }
        #expect(count == 1_100)
    }

    /// Within the batch that purged it, an instance was found again in the journal: a second purge was accepted and
    /// published the same version twice.
    @Test func aPurgedInstanceIsGoneForTheRestOfItsBatch() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("a", "Immediate"))
        let answers = try rig.send(
            .purge("a", message: "p1"),
            .purge("a", message: "p2"),
            .terminate("a"),
            .event("a", "go")
        )
        #expect(answers.map(\.word) == ["accepted", "UnknownInstance", "UnknownInstance", "accepted"])
        #expect(rig.statuses.map(\.version) == [1, 2, 3])
        #expect(try rig.send(.purge("a", message: "p3")).map(\.word) == ["UnknownInstance"])
        #expect(try rig.send(.start("a", "Race")).map(\.word) == ["accepted"])
        #expect(rig.journal.breaches.isEmpty)
    }

    /// Two incarnations of one id began in one commit: both had its number, so that no one could tell their status
    /// versions and task tokens apart.
    @Test func everyIncarnationInABatchHasItsOwnNumber() throws {
        let rig = try PartitionFixture()
        let answers = try rig.send(
            .start("a", "Immediate", tag: "1", message: "m1"),
            .start("a", "Immediate", tag: "2", message: "m2"),
            .purge("a"),
            .start("a", "Immediate", tag: "3", message: "m3"),
            .start("b", "Immediate", message: "m4")
        )
        #expect(answers.map(\.word) == Array(repeating: "accepted", count: 5))
        let started = rig.statuses.filter { $0.kind == .started && $0.instance.value == "a" }
        #expect(Set(started.map(\.incarnation)).count == 3)
        #expect(Set(rig.statuses.map { "\($0.instance) \($0.incarnation) \($0.version)" }).count == rig.statuses.count)
        #expect(rig.statuses.map(\.sequence) == Array(1...StatusSequenceNumber(rawValue: Int64(rig.statuses.count))))
        #expect(rig.statuses.map(\.kind).filter { $0 == .purged }.count == 1)
        #expect(rig.journal.breaches.isEmpty)
    }
}
