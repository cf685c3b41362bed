import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Synchronization
import Testing

/// What becomes of code: evicted, missing, changed, stalled, trapped.
@Suite struct ReplayTests {
    @Test func crowdedOutSessionsComeBackByReplay() throws {
        var settings = PartitionSettings()
        settings.maximumLiveSessions = 3
        let rig = try PartitionFixture(settings)
        let roomy = try PartitionFixture()
        for index in 0..<20 {
            for bench in [rig, roomy] {
                try bench.send(.start("i\(index)", ["Hello", "FanOut", "Deriver"][index % 3]))
            }
        }
        #expect(try #require(try rig.health()).liveSessions <= 3)
        #expect(rig.leaks.inside <= 3)
        for _ in 0..<6 {
            for bench in [rig, roomy] {
                try bench.work()
                try bench.advance(by: .seconds(1))
            }
        }
        for index in 0..<20 {
            #expect(try rig.history("i\(index)").count > 3)
            #expect(try rig.history("i\(index)") == roomy.history("i\(index)"))
            #expect(try rig.status("i\(index)")?.runtimeStatus == .completed)
        }
        #expect(rig.leaks.inside == 0 && roomy.leaks.inside == 0)
    }

    @Test func anInstanceWhoseCodeIsMissingWaitsForANodeThatHasIt() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("h", "Hello", count: 1), .start("c", "Collector", count: 1), .start("p", "Pacer", count: 1))
        try rig.restart(without: "Hello")
        try rig.work()
        #expect(try rig.status("h")?.runtimeStatus == .running)
        #expect(rig.journal.state.pending.count == 1)
        #expect(try rig.send(.start("x", "Hello")).map(\.word) == ["UnknownOrchestrator"])
        try rig.restart(without: "Collector")
        #expect(
            try rig.status("h")?.runtimeStatus == .completed,
            "its result had waited, and is applied when the partition begins"
        )
        try rig.send(.event("c", "item", "1"))
        try rig.restart(without: "Pacer")
        #expect(try rig.status("c")?.output.text == "[1]")
        try rig.advance(by: .seconds(5))
        #expect(try rig.status("p")?.runtimeStatus == .running)
        try rig.restart()
        #expect(try rig.status("p")?.runtimeStatus == .completed)
        #expect(rig.journal.state.pending.isEmpty && rig.journal.state.timers.isEmpty)
    }

    /// A row of history that cannot be read was every neighbor's end: the partition was given up, again and again.
    @Test func anInstanceWhoseHistoryIsDamagedFailsAlone() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("d", "Hello", count: 1), .start("h", "Hello", count: 1))
        try rig.confirmAll()
        let key = try #require(try rig.journal.instance(InstanceID("d"))).key
        for index in rig.journal.state.history.indices where rig.journal.state.history[index].instance == key {
            rig.journal.state.history[index].records[3] ^= 0x10
        }
        try rig.restart()
        try rig.work()
        #expect(try rig.journal.instance(InstanceID("d"))?.runtimeStatus == .failed)
        #expect(rig.statuses.last { $0.instance.value == "d" }?.failure?.type == "DamagedHistory")
        #expect(try rig.status("h")?.runtimeStatus == .completed)
    }

    /// So was a row of the instance itself: in whatever wanted it, be it a message, a timer or the beginning.
    @Test func anInstanceWhoseRowIsDamagedHarmsNobody() throws {
        let rig = try PartitionFixture()
        try rig.send(
            .start("d", "Hello", count: 1),
            .start("p", "Pacer", count: 1),
            .start("h", "Hello", count: 1)
        )
        rig.journal.unreadable = [
            try #require(try rig.journal.instance(InstanceID("d"))).key,
            try #require(try rig.journal.instance(InstanceID("p"))).key,
        ]
        try rig.restart()
        try rig.work()
        try rig.advance(by: .seconds(5))
        #expect(try rig.send(.terminate("d"), .start("x", "Immediate")).map(\.word) == ["Invalid", "accepted"])
        #expect(try rig.status("h")?.runtimeStatus == .completed)
        #expect(rig.deadLetters.contains { $0.reason.contains("the row of instance") })
        #expect(try rig.ask(.status(InstanceID("d"), history: false))?.word == "Invalid")
        try rig.restart()
    }

    @Test func codeThatDecidesOtherwiseFailsAloneAndSaysHow() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("f", "Fickle"), .start("h", "Hello", count: 1))
        try rig.restart()
        try rig.work()
        let status = try #require(try rig.status("f"))
        #expect(status.runtimeStatus == .failed && status.failure?.type == "NonDeterministicOrchestrator")
        #expect(status.failure?.message.contains("call activity 'Flaky' (#1)") == true)
        #expect(status.failure?.message.contains("call activity 'Double' (#1)") == true)
        #expect(try rig.status("h")?.runtimeStatus == .completed)
    }

    /// Resuming replays the code. When it no longer fitted its history the instance failed, and was set to running all
    /// the same: ended, and forever under way.
    @Test func resumingCodeThatNoLongerFitsFailsIt() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("f", "Fickle"))
        try rig.send(.suspend("f"))
        try rig.restart()
        #expect(try rig.send(.resume("f")).map(\.word) == ["Ended"])
        #expect(try rig.status("f")?.runtimeStatus == .failed)
        #expect(try rig.history("f").last == "fail with NonDeterministicOrchestrator")
    }

    @Test func waitingForWhatIsNotDurableFailsAlone() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("s", "Stalled"), .start("h", "Immediate"))
        #expect(try rig.status("s")?.failure?.type == "StalledOrchestrator")
        #expect(try rig.status("h")?.runtimeStatus == .completed)
    }

    @Test func anInstanceWhoseTurnsTrapIsSetAsideAfterThree() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("a", "Hello"), .start("b", "Hello", count: 1))
        for count in 1...3 {
            rig.marker.trap(in: try InstanceID("a"))
            try rig.restart()
            #expect(rig.journal.state.crashes.values.map(\.traps) == [count])
        }
        try rig.work()
        #expect(try rig.status("a")?.failure?.type == "OrchestratorTrapped")
        #expect(try rig.status("b")?.runtimeStatus == .completed)
        #expect(rig.journal.state.crashes.isEmpty)
    }

    @Test func threeTurnsThatDoNotEndSetTheInstanceAside() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("a", "Hello"), .start("b", "Hello", count: 1))
        for _ in 1...3 {
            rig.marker.die(.timedOut, in: try InstanceID("a"))
            try rig.restart()
        }
        try rig.work()
        let failure = try #require(try rig.status("a")?.failure)
        #expect(failure.type == "OrchestratorTurnTimedOut")
        #expect(failure.message.contains("'a'") && failure.message.contains("turn timeout of 10.0 seconds"))
        #expect(try rig.status("b")?.runtimeStatus == .completed)
    }

    /// A plain kill may be no one's doing: an instance that was just running is given ten chances.
    @Test func killsCountLessThanTraps() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("a", "Hello", count: 1), .start("b", "Hello", count: 1))
        for _ in 1...9 {
            rig.marker.die(.killed, in: try InstanceID("a"))
            try rig.restart()
        }
        for count in 1...10 {
            rig.marker.die(.killed, in: try InstanceID("b"))
            try rig.restart()
            #expect(rig.journal.state.crashes[try InstanceID("b")]?.kills == count)
        }
        try rig.work()
        #expect(try rig.status("a")?.runtimeStatus == .completed)
        #expect(try rig.status("b")?.failure?.type == "OrchestratorKilled")
        #expect(rig.journal.state.crashes.isEmpty)
    }

    /// What its neighbors did is on disk before the suspect's code runs, and in no commit of its.
    @Test func aSuspectRunsAlone() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("a", "Hello"), .start("s", "Hello"), .start("z", "Hello"))
        rig.marker.die(.killed, in: try InstanceID("s"))
        try rig.restart()
        let journal = rig.journal
        let before = journal.state.head.commit
        rig.marker.onEnter = { [marker = rig.marker] in
            let commits = before.distance(to: journal.state.head.commit)
            switch marker.inside?.value {
            case "a": #expect(commits == 0)
            case "s": #expect(commits == 1)
            default: #expect(commits == 2)
            }
        }
        try rig.work()
        rig.marker.onEnter = nil
        #expect(journal.state.crashes.isEmpty)
    }

    @Test func aCommittedTurnForgivesTheTrapsBeforeIt() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("a", "Hello"))
        rig.marker.trap(in: try InstanceID("a"))
        try rig.restart()
        try rig.work()
        #expect(rig.journal.state.crashes.isEmpty)
    }
}

/// Does something when its code is cleaned up.
struct Witness: Orchestrator {
    var onCleanUp: @Sendable () -> Void = {}

    func run(_ context: OrchestrationContext, input: JSON) async throws -> Int {
        defer { onCleanUp() }
        return try await context.waitForEvent("item")
    }

    /// Code that traps when the partition begins never let the count be committed: the process died in the same place
    /// forever, and took its neighbors along.
    @Test func aTrapWhileThePartitionBeginsIsCounted() throws {
        let rig = try PartitionFixture(adding: [RegisteredOrchestrator(Witness())])
        try rig.send(.start("w", "Witness"))
        try rig.restart(without: "Witness")
        try rig.send(.event("w", "item", "1"))
        rig.marker.trap(in: try InstanceID("w"))
        rig.marker.onEnter = { [journal = rig.journal] in
            #expect(journal.state.crashes.values.map(\.traps) == [1], "the count is on disk before the code runs again")
        }
        try rig.restart()
        rig.marker.onEnter = nil
        #expect(try rig.status("w")?.runtimeStatus == .completed)
    }

    /// Eviction runs the code's clean-up, which may trap too: no one was named for it then.
    @Test func theMarkerNamesWhoeverIsEvicted() throws {
        let marker = RememberedMarker()
        let named = Mutex<[InstanceID?]>([])
        let witness = Witness { named.withLock { $0.append(marker.inside) } }
        let rig = try PartitionFixture(marker: marker, adding: [RegisteredOrchestrator(witness)])
        try rig.send(.start("w", "Witness"), .start("x", "Witness"))
        try rig.send(.terminate("w"))
        rig.partition.close()
        #expect(named.withLock { $0.map { $0?.value } } == ["w", "x"])
        #expect(marker.inside == nil)
    }
}
