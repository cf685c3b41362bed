import Reprise
import RepriseTesting
import Testing

/// An event of the wrong shape used to kill the orchestration that waited for it: the page offers `null`, and pressing
/// its button failed an order that was halfway through.
@Suite("Events with a type")
struct TypedEventsTests {
    @Test("An event of another shape is refused, and the orchestration waits on", arguments: [[], Faults.all])
    func refused(faults: Faults) async throws {
        let hub = try TestHub(
            orchestrators: [Purchase()],
            configuration: TestHubConfiguration(faults: faults)
        )
        let order = try await hub.start(Purchase.self, "cup", id: "order-1")
        let error = await #expect(throws: RepriseError.self) { try await order.raiseEvent("APPROVAL") }
        #expect(error?.code == .invalid)
        #expect(error?.message.contains("the data of event 'Approval' is not a Verdict") == true)
        #expect(try await order.status().runtimeStatus == .running)
        try await order.raise(Verdict(by: "Ada", isGranted: true))
        #expect(try await order.result() == "Ada")
    }

    @Test("One that comes with the start, or before its instance, is checked as well")
    func early() async throws {
        let hub = try TestHub(orchestrators: [Purchase()])
        let wrong = RaisedEvent("Approval", ["by": 1])
        let error = await #expect(throws: RepriseError.self) {
            try await hub.start(Purchase.self, "cup", options: StartOptions(raising: wrong))
        }
        #expect(error?.code == .invalid)
        let order = try await hub.start(
            Purchase.self,
            "cup",
            options: StartOptions(raising: RaisedEvent(Verdict(by: "Bob", isGranted: true)))
        )
        #expect(try await order.result() == "Bob")
    }

    @Test("An orchestration that sends a wrong one to another loses it to the dead letters")
    func sent() async throws {
        let hub = try TestHub(orchestrators: [Purchase(), Approving()])
        let order = try await hub.start(Purchase.self, "cup", id: "order-1")
        try await hub.start(Approving.self, false).result()
        #expect(await hub.deadLetters.count == 1)
        try await hub.start(Approving.self, true).result()
        #expect(try await order.result() == "Approving")
    }

    @Test("It comes in time or not at all, and what is not declared is taken as it comes")
    func timeout() async throws {
        let hub = try TestHub(orchestrators: [Purchase()])
        let order = try await hub.start(Purchase.self, "cup")
        try await order.raiseEvent("Remark", 7)
        #expect(try await order.result() == "nobody")
    }

    @Test("Two of one name are refused before anything runs")
    func twice() {
        let error = #expect(throws: RepriseError.self) { try TestHub(orchestrators: [Confused()]) }
        #expect(error?.message == "the orchestrator 'Confused' declares two events 'approval'")
    }
}

private struct Verdict: ExternalEvent {
    static let name = "Approval"

    var by: String
    var isGranted: Bool
}

private struct LowerApproval: ExternalEvent {
    static let name = "approval"
}

private struct Purchase: Orchestrator {
    static let events: [any ExternalEvent.Type] = [Verdict.self]

    func run(_ context: OrchestrationContext, input: String) async throws -> String {
        do {
            return try await context.wait(for: Verdict.self, timeout: .days(3)).by
        } catch is EventTimeout {
            return "nobody"
        }
    }
}

private struct Approving: Orchestrator {
    func run(_ context: OrchestrationContext, input isRight: Bool) async throws {
        guard isRight else { return try context.sendEvent("Approval", 1, to: "order-1") }
        try context.send(Verdict(by: context.name, isGranted: true), to: "order-1")
    }
}

private struct Confused: Orchestrator {
    static let events: [any ExternalEvent.Type] = [Verdict.self, LowerApproval.self]
    func run(_ context: OrchestrationContext, input: Int) async throws {}
}
