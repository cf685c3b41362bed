import Foundation
import Reprise
import RepriseKernel
import RepriseTesting
import Testing

@Suite("Activities in a hub in memory")
struct ActivityTests {
    private func hub() throws -> TestHub {
        try TestHub(
            orchestrators: [Greetings(), Persistent(), Impatient(), Parent(), Waiter()],
            activities: [Greet()]
        )
    }

    @Test("A stub takes the place of an activity, by type or by name, until it is taken away")
    func stubs() async throws {
        let hub = try hub()
        await hub.stub(Greet.self) { name in "Hi \(name)" }
        #expect(try await hub.result(of: try await hub.start(Greetings.self, ["A"]), as: [String].self) == ["Hi A"])
        await hub.stub("Greet") { name in ["of": name] }
        let failed = try await hub.end(of: try await hub.start(Greetings.self, ["B"]))
        #expect(failed.failure?.type == "UnreadablePayload")
        await hub.unstub(Greet.self)
        #expect(try await hub.result(of: try await hub.start(Greetings.self, ["C"]), as: [String].self) == ["Hello C!"])
        #expect(await hub.calls.map(\.description) == [#"Greet("A")"#, #"Greet("B")"#, #"Greet("C")"#])
    }

    @Test("An activity that no one serves is named, with those that are")
    func unknown() async throws {
        let hub = try TestHub(orchestrators: [Greetings()])
        await hub.stub("Other") { $0 }
        let error = await #expect(throws: RepriseError.self) {
            try await hub.start(Greetings.self, ["A"], id: try InstanceID("a"))
        }
        #expect(error?.code == .unknownActivity)
        #expect(
            error?.message == """
                'a' calls the activity 'Greet', but no worker serves it: this hub has Other; \
                register it with the hub, or stub it
                """
        )
        let stuck = await #expect(throws: RepriseError.self) {
            try await hub.result(of: try InstanceID("a"), as: [String].self)
        }
        #expect(stuck?.message.contains("waits for the activity 'Greet' (#1) (no worker serves it") == true)
        await hub.stub(Greet.self) { $0 }
        #expect(try await hub.result(of: try InstanceID("a"), as: [String].self) == ["A"], "it is served after all")
    }

    @Test("An attempt that fails is tried again on simulated time")
    func retries() async throws {
        let hub = try hub()
        await hub.fail(Greet.self, times: 2)
        let begin = await hub.now
        let id = try await hub.start(Persistent.self, "A")
        #expect(try await hub.result(of: id, as: String.self) == "Hello A!")
        #expect(await hub.now.timeIntervalSince(begin) == 180)
        #expect(await hub.calls.map(\.attempt) == [1, 2, 3])
        #expect(Set(await hub.calls.map(\.idempotencyKey)).count == 1)
    }

    @Test("One attempt alone may be chosen, and a stub may look at the attempt")
    func attempts() async throws {
        let hub = try hub()
        await hub.fail(Greet.self, times: 5, atAttempt: 2)
        await hub.stub(Greet.self) { name, call in
            guard call.attempt > 1 else { throw Failure(type: "First", message: "not the first") }
            return "attempt \(call.attempt)"
        }
        #expect(try await hub.result(of: try await hub.start(Persistent.self, "A"), as: String.self) == "attempt 3")
    }

    @Test("A worker that dies leaves its task to another, with the same key")
    func workerDeath() async throws {
        let hub = try hub()
        await hub.loseWorkers(of: Greet.self, times: 2)
        #expect(try await hub.result(of: try await hub.start(Greetings.self, ["A"]), as: [String].self) == ["Hello A!"])
        let calls = await hub.calls(of: Greet.self)
        #expect(calls.count == 3)
        #expect(Set(calls.map(\.idempotencyKey)).count == 1 && calls.allSatisfy { $0.attempt == 1 })
        await hub.loseWorkers(of: Greet.self, times: 100)
        let end = try await hub.end(of: try await hub.start(Greetings.self, ["B"]))
        #expect(end.failure?.cause?.type == "ActivityWorkerLost")
    }

    @Test("Work takes simulated time, and time runs out for it")
    func timeouts() async throws {
        let hub = try hub()
        await hub.stub(Greet.self, taking: .seconds(9)) { "slow \($0)" }
        let begin = await hub.now
        #expect(try await hub.result(of: try await hub.start(Impatient.self, "A"), as: String.self) == "slow A")
        #expect(await hub.now.timeIntervalSince(begin) == 9)
        await hub.stub(Greet.self, taking: .seconds(11)) { "slow \($0)" }
        let late = try await hub.start(Impatient.self, "B")
        #expect(try await hub.result(of: late, as: String.self) == "StartToCloseTimeout")
        await hub.hold(Greet.self)
        let waiting = try await hub.start(Impatient.self, "C")
        #expect(try await hub.whatItWaitsFor(waiting).contains("no worker takes it while it is held"))
        #expect(try await hub.result(of: waiting, as: String.self) == "ScheduleToStartTimeout")
        #expect(await hub.calls.count == 1, "what no one waited for any longer was not done")
    }

    @Test("What was held is done once it is released")
    func holding() async throws {
        let hub = try hub()
        await hub.hold(Greet.self)
        let id = try await hub.start(Greetings.self, ["A"])
        try await hub.advance(by: .seconds(3600))
        #expect(try await hub.status(of: id).runtimeStatus == .running)
        try await hub.release(Greet.self)
        #expect(try await hub.status(of: id).runtimeStatus == .completed)
    }

    @Test("Activities of one orchestration run at once")
    func concurrency() async throws {
        let hub = try hub()
        let meeting = Meeting(of: 5)
        await hub.stub(Greet.self) { name in
            await meeting.arrive()
            return name
        }
        let id = try await hub.start(Parent.self, 5)
        #expect(try await hub.result(of: id, as: [String].self) == (0..<5).map { "child \($0)" })
    }

    @Test("An activity may talk to its hub")
    func activityAsClient() async throws {
        let hub = try hub()
        let waiter = try await hub.start(Waiter.self, 1)
        await hub.stub(Greet.self) { name in
            try await hub.raiseEvent("Go", name, to: waiter)
            return "sent"
        }
        #expect(try await hub.result(of: try await hub.start(Greetings.self, ["A"]), as: [String].self) == ["sent"])
        #expect(try await hub.result(of: waiter, as: String.self) == "A")
    }

    @Test("Termination reaches an activity that runs")
    func cancellation() async throws {
        let hub = try hub()
        let id = try InstanceID("a")
        let meeting = Meeting(of: 2)
        await hub.stub(Greet.self) { name in
            await meeting.arrive()
            while !Task.isCancelled { await Task.yield() }
            throw CancellationError()
        }
        async let start = hub.start(Greetings.self, ["A"], id: id)
        await meeting.arrive()
        try await hub.terminate(id)
        #expect(try await start.id == id)
        #expect(try await hub.status(of: id).runtimeStatus == .terminated)
    }
}

/// Lets everyone go on once all are there.
private actor Meeting {
    private let count: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []
    init(of count: Int) { self.count = count }

    func arrive() async {
        guard waiting.count + 1 < count else {
            for one in waiting { one.resume() }
            waiting = []
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }
}
