import Reprise
import RepriseTesting
import Testing

/// An orchestrator forever has nothing to return, and an activity for its effect alone has not either: both were
/// refused by the compiler, and everyone wrote `-> JSON` and `return .null`.
@Suite("Functions without a result")
struct NoValueTests {
    @Test("An orchestration without a result completes with null")
    func completes() async throws {
        let hub = try TestHub(orchestrators: [Announcing()], activities: [Announce()])
        let id = try await hub.start(Announcing.self, "a")
        let end = try await hub.end(of: id)
        #expect(end.runtimeStatus == .completed)
        #expect(try end.output(as: JSON.self) == nil)
        try await hub.result(of: id, as: NoValue.self)
        #expect(await hub.calls.map(\.description) == [#"Announce("a")"#, #"Announce("a!")"#])
    }

    @Test("Its run is the one that is called, also through the protocol, and its errors count")
    func fails() async throws {
        let hub = try TestHub(orchestrators: [Announcing()], activities: [Announce()])
        let end = try await hub.end(of: try await hub.start(Announcing.self, ""))
        #expect(end.failure?.cause?.type == "NothingToSay")
    }

    @Test("A stub returns nothing either, and what another answers counts as nothing")
    func stubs() async throws {
        let hub = try TestHub(orchestrators: [Announcing()])
        await hub.stub(Announce.self) { _ in }
        try await hub.end(of: try await hub.start(Announcing.self, "a", id: try InstanceID("one")))
        await hub.stub("Announce") { _ in ["said": true] }
        let end = try await hub.end(of: try await hub.start(Announcing.self, "b"))
        #expect(end.runtimeStatus == .completed)
    }

    @Test("An orchestration goes on forever")
    func forEver() async throws {
        let hub = try TestHub(orchestrators: [Fulfilment()], activities: [Announce()])
        let id = try await hub.start(Fulfilment.self, 1)
        for order in ["a", "b"] { try await hub.raiseEvent("Order", order, to: id) }
        #expect(try await hub.status(of: id).input(as: Int.self) == 3)
        #expect(await hub.calls.count == 2)
    }
}

private struct Announcing: Orchestrator {
    func run(_ context: OrchestrationContext, input: String) async throws {
        try await context.call(Announce.self, input)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await context.call(Announce.self, input + "!") }
            try await group.next()
        }
    }
}

private struct Announce: Activity {
    func run(_ context: ActivityContext, input: String) async throws {
        guard !input.isEmpty else { throw Failure(type: "NothingToSay", message: "there is nothing to say") }
    }
}

private struct Fulfilment: Orchestrator {
    func run(_ context: OrchestrationContext, input round: Int) async throws {
        let order: String = try await context.waitForEvent("Order")
        try await context.call(Announce.self, order)
        try context.continueAsNew(round + 1)
    }
}
