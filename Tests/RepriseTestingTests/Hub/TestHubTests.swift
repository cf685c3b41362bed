import Foundation
import Reprise
import RepriseKernel
import RepriseTesting
import Testing

@Suite("A hub in memory")
struct TestHubTests {
    private let all: [any Orchestrator] = [
        Greetings(), Approval(), Waiter(), Parent(), Guardian(), Persistent(), Impatient(), Countdown(), Teller(),
        Caller(),
    ]

    private func hub(_ configuration: TestHubConfiguration = TestHubConfiguration()) throws -> TestHub {
        try TestHub(orchestrators: all, activities: [Greet()], entities: [Counter()], configuration: configuration)
    }

    // MARK: Running

    @Test("An orchestration runs to its end, and its changes are heard in order")
    func greetings() async throws {
        let hub = try hub()
        let id = try await hub.start(Greetings.self, ["Tokyo", "Seattle"])
        #expect(try await hub.result(of: id, as: [String].self) == ["Hello Tokyo!", "Hello Seattle!"])
        #expect(
            try await hub.observedChanges(of: id).map(\.description) == [
                #"OrchestrationStarted ["Tokyo","Seattle"]"#,
                #"CustomStatusSet "Tokyo""#,
                #"CustomStatusSet "Seattle""#,
                #"OrchestrationCompleted ["Hello Tokyo!","Hello Seattle!"]"#,
            ]
        )
        #expect(try await hub.customStatuses(of: id, as: String.self) == ["Tokyo", "Seattle"])
        #expect(
            try await hub.historyEntries(of: id).map(\.summary) == [
                "start of 'Greetings'", "call activity 'Greet' (#1)", "result of task #1", "set the custom status",
                "call activity 'Greet' (#2)", "result of task #2", "set the custom status", "complete",
            ]
        )
        let events = try await hub.history(of: id)
        #expect(events.map(\.kind) == [.executionStarted, .taskCompleted, .taskCompleted, .executionCompleted])
        #expect(events.map(\.name) == ["Greetings", "Greet", "Greet", nil])
        #expect(try events[1].input(as: String.self) == "Tokyo")
        #expect(try events[3].result(as: [String].self) == ["Hello Tokyo!", "Hello Seattle!"])
        let bare = try await hub.history(of: id, payloads: false)
        #expect(bare.map(\.kind) == events.map(\.kind))
        #expect(try bare[1].input(as: String.self) == nil && bare[3].result(as: [String].self) == nil)
        let status = try await hub.status(of: id)
        #expect(status.isEnded && status.name == "Greetings")
        #expect(try status.input(as: [String].self) == ["Tokyo", "Seattle"])
    }

    @Test("A timer of three days takes no time, and is never early")
    func threeDays() async throws {
        let hub = try hub()
        let id = try await hub.start(Approval.self, 1)
        let begin = await hub.now
        try await hub.advance(by: .days(3) - .milliseconds(1))
        #expect(try await hub.status(of: id).runtimeStatus == .running)
        try await hub.advance(by: .milliseconds(1))
        #expect(try await hub.status(of: id).output(as: Bool.self) == false)
        #expect(await hub.now.timeIntervalSince(begin) == 259_200)
    }

    @Test("Waiting for a result lets as much time pass as it takes")
    func skipping() async throws {
        let hub = try hub()
        let id = try await hub.start(Countdown.self, 100)
        let begin = await hub.now
        #expect(try await hub.result(of: id, as: String.self) == "done")
        #expect(await hub.now.timeIntervalSince(begin) == 360_000)
        #expect(try await hub.historyEntries(of: id).count == 2, "each generation has a history of its own")
        #expect(try await hub.observedChanges(of: id).count { $0.kind == .continuedAsNew } == 100)
    }

    @Test("Sub-orchestrations run in whichever partition is theirs", arguments: [1, 4, 7])
    func children(partitions: Int) async throws {
        var configuration = TestHubConfiguration()
        configuration.partitions = partitions
        let hub = try hub(configuration)
        let id = try await hub.start(Parent.self, 9)
        #expect(try await hub.result(of: id, as: [String].self) == (0..<9).map { "Hello child \($0)!" })
        #expect(await hub.deadLetters.isEmpty)
    }

    @Test("Entities take signals at once or later, and keep what a lock protects")
    func entities() async throws {
        let hub = try hub()
        let account = try EntityID("Counter", "a")
        try await hub.signal(account, "add", 5)
        try await hub.signal(account, "add", 7, at: hub.now.addingTimeInterval(60))
        #expect(try await hub.state(of: account, as: Int.self) == 5)
        let ids = [try await hub.start(Teller.self, 10), try await hub.start(Teller.self, 100)]
        #expect(try await hub.result(of: ids[0], as: Int.self) == 15)
        #expect(try await hub.result(of: ids[1], as: Int.self) == 115)
        try await hub.advance(by: .seconds(60))
        #expect(try await hub.state(of: account, as: Int.self) == 122)
        #expect(await hub.observedChanges(of: account).last?.description == "EntityChanged 122")
        try await hub.delete(account)
        #expect(try await hub.state(of: account, as: Int.self) == nil)
    }

    @Test("A start may be later, once, or with an event")
    func startOptions() async throws {
        let hub = try hub()
        let id = try InstanceID("order-1")
        let begin = await hub.now.addingTimeInterval(3600)
        try await hub.start(
            Waiter.self,
            1,
            id: id,
            options: StartOptions(at: begin, tags: ["customer": "7"], raising: RaisedEvent("Go", "early"))
        )
        #expect(try await hub.status(of: id).runtimeStatus == .pending)
        #expect(try await hub.whatItWaitsFor(id).contains("its start at 2023-11-14T23:13:20Z"))
        #expect(try await hub.start(Waiter.self, 2, id: id, options: StartOptions(ifExists: .use)).id == id)
        await #expect(throws: RepriseError.self) {
            try await hub.start(Waiter.self, 2, id: id, options: StartOptions(ifExists: .refuse))
        }
        #expect(try await hub.result(of: id, as: String.self) == "early")
        #expect(try await hub.status(of: id).tags == ["customer": "7"])
        #expect(await hub.now == begin)
    }

    @Test("Schedules start what they are told, at their times")
    func schedules() async throws {
        let hub = try hub()
        let id = try InstanceID("nightly")
        try await hub.start(Schedule.orchestrator, Schedule(cron: "0 3 * * *", name: "Greetings", input: ["A"]), id: id)
        try await hub.advance(by: .days(3))
        let status = try #require(try await hub.status(of: id).customStatus(as: ScheduleStatus.self))
        let last = try #require(status.lastStart)
        #expect(last.formatted(.iso8601) == "2023-11-17T03:00:00Z")
        #expect(await hub.calls(of: Greet.self).map { $0.time.formatted(.iso8601) }.last == "2023-11-17T03:00:00Z")
        #expect(await hub.calls.count == 3)
    }

    @Test("Time passes until nothing is due, or to a moment")
    func idle() async throws {
        let hub = try hub()
        let begin = await hub.now
        let (later, sooner) = (try await hub.start(Approval.self, 1), try await hub.start(Countdown.self, 2))
        try await hub.advance(to: begin.addingTimeInterval(7200))
        #expect(try await hub.status(of: sooner).runtimeStatus == .completed)
        try await hub.advance(to: begin)
        #expect(await hub.now == begin.addingTimeInterval(7200), "time never goes back")
        try await hub.runUntilIdle()
        #expect(try await hub.status(of: later).runtimeStatus == .completed)
        #expect(await hub.now == begin.addingTimeInterval(3 * 24 * 3600))
        try await hub.start(Countdown.self, 1_000)
        let error = await #expect(throws: RepriseError.self) { try await hub.runUntilIdle(within: .seconds(36_000)) }
        #expect(error?.code == .timeLimit)
    }

    @Test("A thousand activities at once")
    func fanOut() async throws {
        let hub = try hub()
        let id = try await hub.start(Parent.self, 1_000)
        #expect(try await hub.result(of: id, as: [String].self).count == 1_000)
        #expect(await hub.calls.count == 1_000)
    }

    // MARK: The hub's settings

    @Test("Instances of another version wait for its code, or fail")
    func versions() async throws {
        var configuration = TestHubConfiguration()
        configuration.versions = VersionPolicy(version: "1.0", match: .currentOrOlder)
        let hub = try hub(configuration)
        let id = try await hub.start(
            Waiter.self,
            1,
            options: StartOptions(version: "2.0", raising: RaisedEvent("Go", "now"))
        )
        #expect(try await hub.whatItWaitsFor(id).contains("code of its version '2.0'"))
        try await hub.restart(versions: VersionPolicy(version: "2.1", match: .currentOrOlder))
        #expect(try await hub.result(of: id, as: String.self) == "now")
        try await hub.restart(versions: VersionPolicy(version: "1.0", match: .strict, mismatch: .fail))
        let refused = try await hub.start(Waiter.self, 1, options: StartOptions(version: "2.0"))
        #expect(try await hub.status(of: refused).failure?.type == "VersionMismatch")
    }

    @Test("What has ended is kept for as long as configured")
    func retention() async throws {
        var configuration = TestHubConfiguration()
        configuration.retention = [.completed: .days(1)]
        let hub = try hub(configuration)
        let id = try await hub.start(Greetings.self, ["A"])
        try await hub.advance(by: .seconds(23 * 3600))
        #expect(try await hub.exists(id))
        try await hub.advance(by: .seconds(2 * 3600))
        #expect(try await hub.exists(id) == false)
        #expect(try await hub.observedChanges(of: id).last?.kind == .purged)
    }

    @Test("What no one can use is put aside, with the reason")
    func deadLetters() async throws {
        let hub = try hub()
        let id = try await hub.start(Caller.self, try InstanceID("nobody").value)
        #expect(try await hub.status(of: id).runtimeStatus == .completed)
        #expect(await hub.deadLetters.isEmpty, "it may come yet")
        try await hub.runUntilIdle()
        let letters = await hub.deadLetters
        #expect(letters.map(\.message) == ["event 'Hello' for 'nobody'"])
        #expect(letters.map(\.code) == [.unknownInstance])
    }

    // MARK: Commanding

    @Test("Operators suspend, resume, terminate, restart and purge")
    func operators() async throws {
        let hub = try hub()
        let id = try await hub.start(Waiter.self, 1)
        try await hub.suspend(id, reason: "lunch")
        try await hub.raiseEvent("go", "now", to: id)
        #expect(try await hub.status(of: id).runtimeStatus == .suspended)
        try await hub.resume(id)
        #expect(try await hub.result(of: id, as: String.self) == "now")
        #expect(try await hub.observedChanges(of: id).map(\.kind) == [.started, .suspended, .resumed, .completed])

        let taken = await #expect(throws: RepriseError.self) { try await hub.restart(id, newID: id) }
        #expect(taken?.code == .alreadyExists)
        let second = try await hub.restart(id)
        try await hub.terminate(second, reason: "enough")
        let error = await #expect(throws: OrchestrationTerminated.self) {
            try await hub.result(of: second, as: String.self)
        }
        #expect(error?.description == "'instance-2' (Waiter) was terminated: enough")
        try await hub.restartInPlace(second)
        #expect(try await hub.status(of: second).runtimeStatus == .running)

        try await hub.purge(id)
        #expect(try await hub.exists(id) == false)
        let missing = await #expect(throws: RepriseError.self) { try await hub.status(of: id) }
        #expect(missing?.code == .unknownInstance)
    }

    @Test("A failed orchestration is rewound")
    func rewind() async throws {
        let hub = try hub()
        await hub.fail(Greet.self, with: Failure(type: "Down", message: "no route"))
        let id = try await hub.start(Greetings.self, ["Tokyo"])
        let error = await #expect(throws: OrchestrationFailed.self) { try await hub.result(of: id, as: [String].self) }
        #expect(error?.orchestrator == "Greetings" && error?.reason.contains("no route") == true)
        #expect(error?.failure?.cause?.type == "Down")
        try await hub.rewind(id)
        #expect(try await hub.result(of: id, as: [String].self) == ["Hello Tokyo!"])
    }

    @Test("Termination reaches the children when asked", arguments: [false, true])
    func children(too: Bool) async throws {
        let hub = try hub()
        let id = try await hub.start(Guardian.self, 1, id: try InstanceID("g"))
        try await hub.terminate(id, children: too)
        #expect(try await hub.status(of: try InstanceID("g-child")).runtimeStatus == (too ? .terminated : .running))
    }

    // MARK: Saying why

    @Test("An orchestration that waits for nothing that can come says for what")
    func stuck() async throws {
        let hub = try hub()
        let id = try await hub.start(Guardian.self, 1, id: try InstanceID("g"))
        let error = await #expect(throws: RepriseError.self) { try await hub.result(of: id, as: String.self) }
        #expect(error?.code == .stuck)
        #expect(
            error?.message == """
                'g' (Guardian) is Running and waits for the sub-orchestration 'g-child' (Waiter), which waits for the \
                event 'Go'; nothing more can happen by itself
                """
        )
    }

    @Test("One that no one resumes says so")
    func suspended() async throws {
        let hub = try hub()
        let id = try await hub.start(Waiter.self, 1)
        try await hub.suspend(id)
        try await hub.raiseEvent("Go", "x", to: id)
        let error = await #expect(throws: RepriseError.self) { try await hub.result(of: id, as: String.self) }
        #expect(error?.message.contains("is Suspended and waits for someone to resume it") == true)
    }

    @Test("Time that may pass has an end")
    func timeLimit() async throws {
        let hub = try hub()
        let id = try await hub.start(Countdown.self, 1_000_000)
        let error = await #expect(throws: ResultTimedOut.self) {
            try await hub.result(of: id, as: String.self, timeout: .seconds(7200))
        }
        #expect(error?.timeout == .seconds(7200))
        #expect(error?.description.contains("the timer that is due at") == true)
    }

    @Test("What is refused says why")
    func refusals() async throws {
        let hub = try hub()
        let unknown = await #expect(throws: RepriseError.self) { try await hub.start("Nobody") }
        #expect(unknown?.code == .unknownOrchestrator)
        let missing = await #expect(throws: RepriseError.self) {
            try await hub.raiseEvent("Go", to: try InstanceID("nobody"))
        }
        #expect(missing?.code == .unknownInstance)
        let entity = await #expect(throws: RepriseError.self) {
            try await hub.signal(try EntityID("no", "one"), "add", 1)
        }
        #expect(entity?.code == .unknownEntity)
    }
}
