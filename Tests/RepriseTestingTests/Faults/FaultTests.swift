import Reprise
import RepriseKernel
import RepriseTesting
import Testing

@Suite("Faults by choice")
struct FaultTests {
    private static let choices: [Faults] = [.crashes, .duplicates, .workerDeaths, .evictions, .all]

    private func hub(_ faults: Faults) throws -> TestHub {
        try TestHub(
            orchestrators: [Greetings(), Approval(), Parent(), Persistent(), Countdown(), Teller(), Waiter()],
            activities: [Greet()],
            entities: [Counter()],
            configuration: TestHubConfiguration(faults: faults)
        )
    }

    @Test("Nothing that goes wrong changes what observers hear", arguments: choices)
    func sameStory(faults: Faults) async throws {
        var stories: [[String]] = []
        for faults in [[], faults] {
            let hub = try hub(faults)
            var ids = [try await hub.start(Parent.self, 5).id, try await hub.start(Countdown.self, 20).id]
            ids.append(try await hub.start(Persistent.self, "A").id)
            ids.append(try await hub.start(Approval.self, 1).id)
            for amount in [1, 10, 100] { ids.append(try await hub.start(Teller.self, amount).id) }
            for id in ids { try await hub.end(of: id) }
            var story: [String] = []
            for id in ids { story += try await hub.observedChanges(of: id).map { "\(id) \($0) \($0.time)" } }
            story.append("\(String(describing: try await hub.state(of: try EntityID("counter", "a"), as: Int.self)))")
            story += await hub.deadLetters.map(\.description)
            stories.append(story)
        }
        #expect(stories[0].count > 30)
        #expect(stories[1] == stories[0])
    }

    @Test("A crash after every step finds code that is not deterministic")
    func determinism() async throws {
        for (faults, expected) in [(Faults(), RuntimeStatus.completed), (.crashes, .failed)] {
            let hub = try TestHub(
                orchestrators: [Whimsical()],
                activities: [Greet()],
                configuration: TestHubConfiguration(faults: faults)
            )
            let end = try await hub.end(of: try await hub.start(Whimsical.self, 1))
            #expect(end.runtimeStatus == expected)
            #expect(end.failure.map { $0.type == "NonDeterministicOrchestrator" } ?? faults.isEmpty)
        }
    }

    @Test("Each attempt at an activity runs twice when every worker dies once")
    func workers() async throws {
        let hub = try hub(.workerDeaths)
        try await hub.end(of: try await hub.start(Greetings.self, ["A", "B"]))
        #expect(await hub.calls.map(\.description) == [#"Greet("A")"#, #"Greet("A")"#, #"Greet("B")"#, #"Greet("B")"#])
    }

    @Test("A process that dies goes on from its journal, also with other code")
    func restart() async throws {
        let hub = try hub([])
        let id = try await hub.start(Waiter.self, 1)
        let timer = try await hub.start(Approval.self, 1)
        try await hub.restart()
        try await hub.raiseEvent("Go", "on", to: id)
        #expect(try await hub.result(of: id, as: String.self) == "on")
        #expect(try await hub.result(of: timer, as: Bool.self) == false)

        let other = try await hub.start(Waiter.self, 1)
        try await hub.restart(orchestrators: [ChangedWaiter()])
        let refused = await #expect(throws: RepriseError.self) { try await hub.raiseEvent("Go", "on", to: other) }
        #expect(refused?.code == .ended, "it is replayed for the event, and no longer fits its history")
        #expect(try await hub.end(of: other).failure?.type == "NonDeterministicOrchestrator")
    }

    @Test("A process that begins hands out again what was under way, and nothing twice")
    func handedOutOnce() async throws {
        let hub = try hub([])
        await hub.hold(Greet.self)
        let id = try await hub.start(Greetings.self, ["A"])
        try await hub.restart()
        try await hub.release(Greet.self)
        #expect(try await hub.status(of: id).runtimeStatus == .completed)
        #expect(await hub.calls.count == 1)
    }

    @Test("Faults come and go")
    func inflicting() async throws {
        let hub = try hub([])
        try await hub.inflict(.workerDeaths)
        try await hub.end(of: try await hub.start(Greetings.self, ["A"]))
        try await hub.inflict([])
        try await hub.end(of: try await hub.start(Greetings.self, ["B"]))
        #expect(await hub.calls.count == 3)
    }
}

/// Decides by lot, and so otherwise whenever it is replayed.
private struct Whimsical: Orchestrator {
    func run(_ context: OrchestrationContext, input: Int) async throws -> Int {
        for _ in 0..<3 {
            if UInt64.random(in: 0...(.max)) % 1_000 < 500 {
                try await context.call(Greet.self, "A")
            } else {
                try await context.sleep(for: .seconds(1))
            }
            try await context.call(Greet.self, "\(UInt64.random(in: 0...(.max)))")
        }
        return input
    }
}

private struct ChangedWaiter: Orchestrator {
    static let name = "Waiter"
    func run(_ context: OrchestrationContext, input: Int) async throws -> String {
        try await context.call(Greet.self, "first")
    }
}
