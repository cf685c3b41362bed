import Logging
import Reprise
import RepriseKernel
import RepriseTestSupport
import RepriseTesting
import Synchronization
import Testing

/// An orchestrator iterated a dictionary and asked an activity about each key. Replayed, it went through the keys in
/// another order, so that each answer was kept under another's key; and as only the names of activities were compared,
/// it completed with a wrong output, in nodes and under every fault of a test hub.
@Suite("What a replay passes on")
struct ReplayedInputsTests {
    /// As people write it, but for what makes sure that no two of its dictionaries have one order.
    final class Lookup: Orchestrator {
        /// A dictionary's order hangs on where it lies in memory: those of other runs keep their places.
        private let former = Mutex<[[String: Int]]>([])

        func run(_ context: OrchestrationContext, input: [String: Int]) async throws -> [String: String] {
            former.withLock { $0.append(input) }
            var answers: [String: String] = [:]
            for (name, _) in input { answers[name] = try await context.call(Greet.self, name) }
            return answers
        }
    }

    /// Passes on something else in each run: what a clock, an environment variable or an order would make of it.
    final class Shifty: Orchestrator {
        enum Way: String, Codable, CaseIterable {
            case activityInput, childInput, childID, childTags, entity, entityInput, lock, eventData, eventTarget,
                startedInput, signalInput, timer
        }

        private let runs = Atomic(0)

        func run(_ context: OrchestrationContext, input way: Way) async throws -> String {
            let run = runs.add(1, ordering: .relaxed).newValue
            let other = try InstanceID("other-\(run)")
            let counter = try EntityID("counter", "\(run)")
            let always = try EntityID("counter", "always")
            switch way {
            case .activityInput: try await context.call(Greet.self, "\(run)")
            case .childInput: try await context.callOrchestrator(Greetings.self, ["\(run)"])
            case .childID: try await context.callOrchestrator(Greetings.self, [], id: other)
            case .childTags: try await context.callOrchestrator(Greetings.self, [], tags: ["run": "\(run)"])
            case .entity: try await context.callEntity(counter, "add", 1)
            case .entityInput: try await context.callEntity(always, "add", run)
            case .lock: try await context.withLock(on: [counter]) {}
            case .eventData: try context.sendEvent("Hello", run, to: try InstanceID("nobody"))
            case .eventTarget: try context.sendEvent("Hello", 1, to: other)
            case .startedInput: try context.startOrchestrator(Greetings.self, ["\(run)"], id: try InstanceID("started"))
            case .signalInput: try context.signalEntity(always, "add", run)
            case .timer: try await context.sleep(for: .seconds(run))
            }
            // Whatever it was is compared when this is over.
            try await context.sleep(for: .seconds(60))
            return "done"
        }
    }

    @Test("The order of a dictionary is found")
    func dictionary() async throws {
        let hub = try TestHub(
            orchestrators: [Lookup()],
            activities: [Greet()],
            configuration: TestHubConfiguration(faults: .all)
        )
        let names = Dictionary(uniqueKeysWithValues: (1...20).map { ("name \($0)", $0) })
        let end = try await hub.end(of: try await hub.start(Lookup.self, names))
        #expect(end.runtimeStatus == .failed)
        #expect(end.failure?.type == "NonDeterministicOrchestrator")
        let output = try? await hub.result(of: end.id, as: [String: String].self)
        #expect(output == nil, "answers under others' keys: \(output ?? [:])")
    }

    @Test("So is whatever else differs", arguments: Shifty.Way.allCases)
    func other(way: Shifty.Way) async throws {
        let hub = try TestHub(
            orchestrators: [Shifty(), Greetings()],
            activities: [Greet()],
            entities: [Counter()],
            configuration: TestHubConfiguration(faults: .crashes)
        )
        let end = try await hub.end(of: try await hub.start(Shifty.self, way))
        #expect(end.runtimeStatus == .failed)
        #expect(end.failure?.type == "NonDeterministicOrchestrator")
    }

    // MARK: What is said, and what becomes of it

    private func run(
        _ way: Shifty.Way,
        _ inputs: ReplayInputs,
        _ faults: Faults = .crashes,
        _ log: LogLines = LogLines(from: .warning)
    )
        async throws -> OrchestrationStatus
    {
        var configuration = TestHubConfiguration(faults: faults)
        configuration.replayInputs = inputs
        let hub = try TestHub(
            orchestrators: [Shifty(), Greetings()],
            activities: [Greet()],
            entities: [Counter()],
            configuration: configuration,
            logger: log.logger
        )
        return try await hub.end(of: try await hub.start(Shifty.self, way, id: try InstanceID("shifty")))
    }

    @Test("A hub fails the instance unless told otherwise, and names both inputs")
    func failure() async throws {
        let failure = try await run(.activityInput, TestHubConfiguration().replayInputs).failure
        #expect(
            failure?.message == """
                after the start of 'Shifty' history recorded: call activity 'Greet' (#1), with the input "1"; \
                the code decided it with: "2"
                """
        )
        #expect(
            try await run(.entity, .fail).failure?.message.hasSuffix(
                "entity operation 'add' (#1), to @counter@1; the code decided it with: @counter@2"
            ) == true
        )
        #expect(
            try await run(.timer, .fail).failure?.message.hasSuffix(
                "(#1), due 2023-11-14T22:13:21.000Z; the code decided it with: 2023-11-14T22:13:22.000Z"
            ) == true
        )
    }

    @Test("Told to warn, as a node does, it says so once and goes on with what history has")
    func warning() async throws {
        let log = LogLines(from: .warning)
        #expect(try await run(.activityInput, .warn, .evictions, log).runtimeStatus == .completed)
        let warnings = log.all.filter { $0.contains(#"with the input "1"; the code decided it with: "2""#) }
        #expect(warnings.count == 1)
        #expect(log.all.count { $0.contains("the code decided it with") } == 1)
    }

    @Test("Told to ignore it, it says nothing")
    func silence() async throws {
        let log = LogLines(from: .warning)
        #expect(try await run(.activityInput, .ignore, .crashes, log).runtimeStatus == .completed)
        #expect(log.all.isEmpty)
    }

    @Test("Of long inputs as much is shown as tells them apart")
    func excerpts() async throws {
        let hub = try TestHub(orchestrators: [Verbose()], activities: [Greet()])
        let id = try await hub.start(Verbose.self, 1)
        try await hub.restart()
        try await hub.advance(by: .seconds(60))
        let message = try #require(try await hub.end(of: id).failure?.message)
        #expect(message.contains("aaa run 1 bbb") && message.contains("aaa run 2 bbb"))
        #expect(message.utf8.count < 700 && message.contains("… (20"))
    }

    /// Differs in the middle of much that is the same.
    final class Verbose: Orchestrator {
        private let runs = Atomic(0)

        func run(_ context: OrchestrationContext, input: Int) async throws -> String {
            let run = runs.add(1, ordering: .relaxed).newValue
            let (before, after) = (String(repeating: "a", count: 10_000), String(repeating: "b", count: 10_000))
            try await context.call(Greet.self, before + " run \(run) " + after)
            try await context.sleep(for: .seconds(60))
            return "done"
        }
    }
}
