import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Testing

@Suite struct ContinueAsNewTests {
    /// A thousand generations leave what one leaves.
    @Test func aThousandGenerationsDoNotGrow() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("r", "Rounds", Rounds.State(left: 1_000)))
        let created = try #require(try rig.status("r")?.createdTime)
        var most = 0
        for _ in 0...1_001 {
            try rig.advance(by: .milliseconds(1))
            try rig.confirmAll()
            most = max(most, rig.journal.state.history.count)
        }
        let status = try #require(try rig.status("r"))
        #expect(status.runtimeStatus == .completed)
        #expect(status.createdTime == created)
        #expect(status.customStatus == .string("0 left"))
        #expect(most < 12, "\(most) rows of history")
        #expect(rig.journal.state.timers.isEmpty)
        #expect(rig.journal.state.pending.isEmpty)
        #expect(rig.statuses.count { $0.kind == .continuedAsNew } == 1_000)
        #expect(rig.statuses.map(\.version) == Array(1...Int64(rig.statuses.count)))
        #expect(rig.journal.breaches.isEmpty)
    }

    @Test func theCustomStatusIsKeptUntilItIsSet() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("r", "Rounds", Rounds.State(left: 20)))
        for _ in 0..<5 { try rig.advance(by: .milliseconds(1)) }
        #expect(try rig.status("r")?.customStatus == .string("20 left"))
        try rig.restart()
        try rig.advance(by: .milliseconds(1))
        #expect(try rig.status("r")?.customStatus == .string("20 left"))
    }

    @Test(arguments: [false, true]) func eventsThatWereNotReadAreThereForTheNextGenerations(restarting: Bool) throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("r", "Rounds", Rounds.State(left: 5, reads: true)))
        // Suspended, so that all of them wait when the first generation ends.
        try rig.send(.suspend("r"))
        for number in 0...5 { try rig.send(.event("r", "item", "\(number)", message: "e\(number)")) }
        try rig.send(.resume("r"))
        for _ in 0..<6 {
            if restarting { try rig.restart() }
            try rig.advance(by: .milliseconds(1))
        }
        #expect(try rig.output("r") == "[0,1,2,3,4,5]")
    }

    @Test func eventsAreDroppedWhereTheCodeSaysSo() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("r", "Rounds", Rounds.State(left: 1, reads: true, keeps: false)))
        try rig.send(.suspend("r"))
        for number in 0..<3 { try rig.send(.event("r", "Item", "\(number)")) }
        try rig.send(.resume("r"))
        #expect(try rig.status("r")?.runtimeStatus == .running)
        try rig.send(.event("r", "Item", "9"))
        #expect(try rig.output("r") == "[0,9]")
    }

    @Test func aLateResultOfTheFormerGenerationIsDropped() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("r", "Rounds", Rounds.State(left: 1)))
        let late = rig.takeTasks()
        try rig.advance(by: .milliseconds(1))
        for task in late {
            try rig.handle([.result(TaskResult(instance: task.instance, token: task.token, outcome: .completed(.null)))]
            )
        }
        #expect(try rig.health()?.droppedResults == 1)
        try rig.advance(by: .milliseconds(1))
        #expect(try rig.status("r")?.runtimeStatus == .completed)
    }

    /// The commit that decides the next generation and the one that begins it may lie on two sides of a crash.
    @Test func aGenerationThatWasDecidedBeginsAfterACrash() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("r", "Rounds", Rounds.State(left: 3)))
        for _ in 0..<4 {
            rig.clock.advance(by: .milliseconds(1))
            rig.journal.fate = .unheard
            _ = try? rig.handle([])
            try rig.restart()
            try rig.handle([])
        }
        #expect(try rig.status("r")?.runtimeStatus == .completed)
    }

    @Test func aParentWaitsForTheLastGeneration() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("p", "RoundsCaller", Rounds.State(left: 2, reads: true)))
        try rig.settle()
        let child = try #require(rig.statuses.first { $0.name == "Rounds" }?.instance.value)
        for number in 0...2 { try rig.send(.event(child, "Item", "\(number)")) }
        try rig.settle()
        #expect(try rig.output("p") == "[0,1,2]")
        #expect(try rig.history("p").filter { $0.hasPrefix("result") }.count == 1)
    }

    @Test func anErrorAfterContinueAsNewFails() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("f", "Contrary", tag: "fail", count: 2))
        #expect(try rig.status("f")?.failure?.type == "Contrary")
    }

    @Test func whoeverCatchesItContinuesAllTheSame() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("c", "Contrary", tag: "catch", count: 3))
        try rig.advance(by: .milliseconds(1))
        #expect(try rig.output("c") == "0")
        #expect(rig.statuses.count { $0.kind == .continuedAsNew } == 3)
    }

    @Test func whoeverIsSuspendedDoesNotBeginTheNextGeneration() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("r", "Rounds", Rounds.State(left: 2)))
        try rig.send(.suspend("r"))
        try rig.advance(by: .seconds(1))
        #expect(try rig.status("r")?.runtimeStatus == .suspended)
        try rig.send(.resume("r"))
        for _ in 0..<3 { try rig.advance(by: .milliseconds(1)) }
        #expect(try rig.status("r")?.runtimeStatus == .completed)
    }

    @Test func aRestartedNodeDeletesWhatAnOlderOneLeft() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("r", "Rounds", Rounds.State(left: 9)))
        for _ in 0..<5 { try rig.advance(by: .milliseconds(1)) }
        #expect(rig.journal.state.history.count > 4)
        try rig.restart()
        try rig.confirmAll()
        for _ in 0..<3 {
            try rig.advance(by: .milliseconds(1))
            try rig.confirmAll()
        }
        #expect(rig.journal.state.history.count < 6)
    }

    private func suspendedBetweenTwoGenerations() throws -> PartitionFixture {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("r", "Rounds", Rounds.State(left: 1)))
        let task = try #require(rig.takeTasks().first)
        try rig.handle([
            .result(
                TaskResult(
                    instance: task.instance,
                    token: task.token,
                    outcome: TestOrchestrators.outcome(of: task.task)
                )
            ),
            .command(.suspend("r")),
        ])
        return rig
    }

    /// Found by simulation: only the last event was looked at, and a suspension that came between the end of one
    /// generation and the next was the last. The next process knew nothing of a generation to begin, forever.
    @Test func whoeverIsSuspendedBetweenTwoGenerationsGoesOnInAnotherProcess() throws {
        let rig = try suspendedBetweenTwoGenerations()
        #expect(try rig.history("r").suffix(2) == ["continue as new", "suspension"])
        try rig.restart()
        try rig.send(.resume("r"))
        for _ in 0..<2 { try rig.advance(by: .milliseconds(1)) }
        #expect(try rig.status("r")?.runtimeStatus == .completed)
    }

    /// Found by simulation: its time had come where no one had its code, and no later process knew that it was to
    /// begin.
    @Test func aGenerationThatCameDueWhereItsCodeWasNotBeginsLater() throws {
        let rig = try suspendedBetweenTwoGenerations()
        try rig.restart(without: "Rounds")
        try rig.send(.resume("r"))
        try rig.advance(by: .milliseconds(1))
        try rig.restart()
        for _ in 0..<2 { try rig.advance(by: .milliseconds(1)) }
        #expect(try rig.status("r")?.runtimeStatus == .completed)
    }

    /// Found by simulation: what an instance left behind was looked for when the instance was woken, and one that has
    /// ended is woken by no one.
    @Test func whatAnEndedInstanceLeftBehindIsDeletedByTheNextProcess() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("r", "Rounds", Rounds.State(left: 3)))
        for _ in 0..<5 { try rig.advance(by: .milliseconds(1)) }
        #expect(try rig.status("r")?.runtimeStatus == .completed)
        #expect(rig.journal.state.history.count >= 4)
        try rig.restart()
        try rig.confirmAll()
        try rig.partition.flush()
        let first = try #require(try rig.journal.instance(InstanceID("r"))?.firstPosition)
        #expect(rig.journal.state.history.allSatisfy { $0.position >= first })
    }
}
