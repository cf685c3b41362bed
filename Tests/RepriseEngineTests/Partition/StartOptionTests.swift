import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Testing

@Suite struct StartOptionTests {
    @Test(arguments: [false, true]) func aLaterStartIsPendingUntilItsTime(restarting: Bool) throws {
        let rig = try PartitionFixture(family: ())
        let time = rig.clock.now + .seconds(3_600)
        try rig.send(.start("l", "Hello", Order(tag: "l", count: 1), message: "m") { $0.startTime = time })
        #expect(try rig.status("l")?.runtimeStatus == .pending)
        #expect(try rig.status("l")?.traits.startTime == time)
        #expect(rig.statuses.map(\.kind) == [.scheduled])
        if restarting { try rig.restart() }
        try rig.advance(by: .seconds(3_599))
        #expect(rig.takeTasks().isEmpty)
        try rig.advance(by: .seconds(1))
        try rig.settle(restarting: restarting)
        #expect(try rig.output("l") == "[0]")
        #expect(rig.journal.state.timers.isEmpty)
    }

    @Test func whatIsPendingCanBeTerminated() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(
            .start("l", "Hello", Order(tag: "l")) { [now = rig.clock.now] in $0.startTime = now + .seconds(60) }
        )
        try rig.send(.terminate("l"))
        try rig.advance(by: .seconds(60))
        #expect(try rig.status("l")?.runtimeStatus == .terminated)
        #expect(rig.takeTasks().isEmpty)
        #expect(rig.journal.state.timers.isEmpty)
    }

    @Test func whatIsPendingKeepsItsEvents() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(
            .start("l", "Patient", Order(tag: "l")) { [now = rig.clock.now] in $0.startTime = now + .seconds(60) }
        )
        try rig.send(.event("l", "go", #""early""#))
        try rig.restart()
        try rig.advance(by: .seconds(60))
        #expect(try rig.output("l") == #""early""#)
    }

    @Test func onceIsOnce() throws {
        let rig = try PartitionFixture(family: ())
        let once = try Command.start("o", "Immediate", Order(tag: "o"), message: "1") { $0.existing = .refuse }
        #expect(try rig.send(once).map(\.word) == ["accepted"])
        #expect(try rig.send(once).map(\.word) == ["accepted"], "the same message")
        let again = try Command.start("o", "Immediate", Order(tag: "o"), message: "2") { $0.existing = .refuse }
        #expect(try rig.send(again).map(\.word) == ["AlreadyExists"])
        let used = try Command.start("o", "Immediate", Order(tag: "o"), message: "3") { $0.existing = .use }
        #expect(try rig.send(used).map(\.word) == ["accepted"])
        #expect(rig.statuses.count { $0.kind == .started } == 1)
    }

    /// Who may start only one orchestrator reached the instances of every other by their ids: an event was delivered to a
    /// running one, and one that had ended was replaced, its output and history gone.
    @Test func aStartMeetsOnlyInstancesOfItsOrchestrator() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("r", "Patient", Order(tag: "r"), message: "1"))
        let used = try Command.start("r", "Immediate", Order(tag: "r"), message: "2") {
            $0.existing = .use
            $0.event = StartRequest.Event(name: "go", payload: Payload(trusted: Array("1".utf8)))
        }
        #expect(try rig.send(used).map(\.word) == ["AlreadyExists"])
        #expect(try rig.status("r")?.runtimeStatus == .running)
        try rig.send(.start("o", "Immediate", Order(tag: "o"), message: "3"))
        #expect(try rig.status("o")?.runtimeStatus.isEnded == true)
        func replace(_ message: String) throws -> String? {
            try rig.send(.start("o", "Patient", Order(tag: "o"), message: message)).map(\.word).first
        }
        #expect(try replace("4") == "AlreadyExists")
        #expect(try rig.status("o")?.name == "Immediate")
        // A sender that may purge it may take its id.
        try rig.send(.purge("o"))
        #expect(try replace("5") == "accepted")
        #expect(try rig.status("o")?.name == "Patient")
    }

    @Test func anEventComesWithTheStartOrToWhoIsThere() throws {
        let rig = try PartitionFixture(family: ())
        for (number, text) in ["a", "b"].enumerated() {
            let start = try Command.start("c", "Collector", Order(tag: "c", count: 2), message: "m\(number)") {
                $0.existing = .use
                $0.event = StartRequest.Event(name: "Item", payload: Payload(trusted: Array("\(number)".utf8)))
            }
            #expect(try rig.send(start).map(\.word) == ["accepted"], "\(text)")
        }
        #expect(try rig.output("c") == "[0,1]")
        #expect(rig.statuses.count { $0.kind == .started } == 1)
    }

    /// Whatever is there counts as started, with an event or without; what has ended takes none.
    @Test func whatIsUsedIsNeverReplaced() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("u", "Immediate", Order(tag: "u", count: 1), message: "m1"))
        let plain = try Command.start("u", "Immediate", Order(tag: "u", count: 2), message: "m2") { $0.existing = .use }
        let raising = try Command.start("u", "Immediate", Order(tag: "u", count: 2), message: "m3") {
            $0.existing = .use
            $0.event = StartRequest.Event(name: "Item", payload: .null)
        }
        #expect(try rig.send(plain, raising).map(\.word) == ["accepted", "Ended"])
        #expect(rig.statuses.count { $0.kind == .started } == 1)
    }

    @Test func tagsStayAndAreBounded() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("t", "Rounds", Rounds.State(left: 3)) { $0.tags = ["customer": "7"] })
        for _ in 0..<2 { try rig.advance(by: .milliseconds(1)) }
        #expect(try rig.status("t")?.traits.tags == ["customer": "7"])
        let many = try Command.start("u", "Hello", Order(tag: "u")) { request in
            for number in 0..<65 { request.tags["\(number)"] = "" }
        }
        #expect(try rig.send(many).map(\.word) == ["TooLarge"])
    }

    @Test func anEventThatComesAlongIsBounded() throws {
        let rig = try PartitionFixture(family: ())
        for (size, word) in [(65_536, "accepted"), (65_537, "TooLarge")] {
            let start = try Command.start("e\(size)", "Collector", Order(tag: "c", count: 2)) {
                let text = "\"" + String(repeating: "x", count: size - 2) + "\""
                $0.event = StartRequest.Event(name: "Item", payload: Payload(trusted: Array(text.utf8)))
            }
            #expect(try rig.send(start).map(\.word) == [word])
        }
    }

    // MARK: Restart

    @Test func aRestartBeginsAnewUnderTheSameOrAnotherId() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("r", "Immediate", Order(tag: "first"), message: "m") { $0.tags = ["a": "b"] })
        let same = Command(instance: try InstanceID("r"), action: .restart(as: nil), messageID: "1")
        #expect(try rig.send(same).map(\.word) == ["accepted"])
        #expect(try rig.send(same).map(\.word) == ["accepted"])
        let other = Command(instance: try InstanceID("r"), action: .restart(as: try InstanceID("s")), messageID: "2")
        guard case .accepted(let id, _)? = try rig.send(other).first else {
            Issue.record("refused")
            return
        }
        #expect(id.value == "s")
        try rig.passOn()
        #expect(try rig.status("s")?.traits.tags == ["a": "b"])
        #expect(try rig.status("s")?.output == rig.status("r")?.output)
        #expect(rig.statuses.count { $0.kind == .started } == 3)
    }

    /// Two lives of one id in one batch had one incarnation where the restart named the id itself: their versions, and
    /// the tokens of their tasks, could not be told apart.
    @Test(arguments: [nil, "r"]) func aRestartInTheBatchOfItsStartIsAnotherIncarnation(id: String?) throws {
        let rig = try PartitionFixture(family: ())
        let id = try id.map { try InstanceID($0) }
        try rig.send(
            .start("r", "Immediate", Order(tag: "first"), message: "m"),
            Command(instance: try InstanceID("r"), action: .restart(as: id), messageID: "1")
        )
        let lives = rig.statuses.filter { $0.kind == .started }.map(\.incarnation)
        #expect(lives.count == 2 && Set(lives).count == 2, "\(lives)")
    }

    @Test func aRestartNeverTouchesAnInstanceThatIsThere() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("r", "Immediate", Order(tag: "first"), message: "m"))
        try rig.send(.start("s", "Immediate", Order(tag: "other"), message: "m"))
        let other = Command(instance: try InstanceID("r"), action: .restart(as: try InstanceID("s")), messageID: "2")
        #expect(try rig.send(other).map(\.word) == ["accepted"])
        try rig.passOn()
        #expect(try rig.output("s")?.contains("other") == true)
        #expect(rig.statuses.count { $0.kind == .started } == 2)
        #expect(rig.deadLetters.map(\.code) == [.alreadyExists])
    }

    @Test func whatRunsIsNotRestartedUnderItsOwnId() throws {
        let rig = try PartitionFixture(family: ())
        try rig.send(.start("r", "Patient", tag: "r"))
        let command = Command(instance: try InstanceID("r"), action: .restart(as: nil), messageID: "1")
        #expect(try rig.send(command).map(\.word) == ["AlreadyExists"])
    }

    // MARK: Retention

    /// Started again in the very batch of the sweep: what was old was not this.
    @Test func whatHasBegunAnewIsNotPurgedForItsPredecessor() throws {
        var settings = PartitionSettings()
        settings.retention = [.completed: .seconds(600)]
        let rig = try PartitionFixture(settings)
        try rig.send(.start("i", "Immediate", message: "m1"))
        rig.clock.advance(by: .seconds(700))
        try rig.send(Command(instance: InstanceID("i"), action: .restart(as: nil), messageID: "m2"))
        #expect(try rig.status("i")?.runtimeStatus == .completed)
        #expect(!rig.statuses.contains { $0.kind == .purged })
    }

    /// Nothing else happens, and the broker is slow: what is out of sight stays bounded, and goes in the end.
    @Test func whatIsPurgedIsDeletedThoughNothingElseHappens() throws {
        var settings = PartitionSettings()
        settings.retention = [.completed: .seconds(600)]
        let rig = try PartitionFixture(settings)
        for number in 0..<2_000 { try rig.send(.start("i\(number)", "Immediate", tag: "i")) }
        try rig.confirmLast()
        try rig.advance(by: .seconds(601))
        for _ in 0..<30 { try rig.advance(by: .milliseconds(250)) }
        #expect(rig.journal.state.instances.values.count { $0.hiddenThrough != nil } < 1_300)
        for _ in 0..<60 {
            try rig.confirmLast()
            try rig.advance(by: .milliseconds(250))
        }
        #expect(rig.journal.state.visible.count == 0, "the sweep went on")
        try rig.confirmLast()
        // As a node does that has time.
        while try rig.partition.flush() {}
        #expect(rig.journal.state.instances.count == 0)
    }

    @Test func whatHasEndedIsPurgedInTime() throws {
        var settings = PartitionSettings()
        settings.retention = [.completed: .seconds(600)]
        let rig = try PartitionFixture(family: settings)
        for number in 0..<300 { try rig.send(.start("i\(number)", "Immediate", tag: "i")) }
        try rig.send(.start("running", "Patient", tag: "r"), .start("ended", "Patient", tag: "e"))
        try rig.send(.terminate("ended"))
        try rig.advance(by: .seconds(599))
        #expect(try rig.health()?.instances == 302)
        for _ in 0..<4 {
            try rig.advance(by: .seconds(60))
            try rig.confirmAll()
        }
        #expect(try rig.health()?.instances == 2)
    }
}
