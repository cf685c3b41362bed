import Reprise
import RepriseTesting
import Testing

/// `id: try InstanceID("\(order)-parcel-\(n)")` was written at every child and every start.
@Suite("Ids as text")
struct TextIDsTests {
    private let hub: TestHub

    init() throws { hub = try TestHub(orchestrators: [Shipping(), Parcel()]) }

    @Test("Whatever takes an id takes its text")
    func texts() async throws {
        let order = "order-1"
        try await hub.start(Shipping.self, 2, id: order)
        #expect(try await hub.exists("\(order)-parcel-2"))
        #expect(try await hub.status(of: "order-1-parcel-1").parent?.value == order)
        try await hub.raiseEvent("Sennt", to: "order-1-parcel-1")
        #expect(
            try await hub.whatItWaitsFor("order-1-parcel-1").hasSuffix(
                "the event 'Sent'; events that it has not read: 'Sennt'"
            )
        )
        try await hub.raiseEvent("Sent", "A", to: "order-1-parcel-1")
        try await hub.raiseEvent("Sent", "B", to: "order-1-parcel-2")
        #expect(try await hub.result(of: order, as: [String].self) == ["A", "B"])
        #expect(try await hub.customStatuses(of: order, as: JSON.self) == [["parcels": 2]])
        var last: RuntimeStatus?
        for try await status in try hub.statuses(of: order) { last = status.runtimeStatus }
        #expect(last == .completed)
        #expect(try await hub.restart(order, newID: "order-2").value == "order-2")
        try await hub.terminate("order-2", children: true)
        try await hub.purge(order, children: true)
        #expect(try await !hub.exists(order))
    }

    @Test("A text that is not an id is refused by the call, with the rule", arguments: ["a/b", "", "@counter@a"])
    func refused(text: String) async throws {
        let start = await #expect(throws: RepriseError.self) { try await hub.start(Parcel.self, 1, id: text) }
        #expect(start?.code == .invalid && start?.message.contains("an instance id must not") == true)
        let asked = await #expect(throws: RepriseError.self) { try await hub.status(of: text) }
        #expect(asked?.code == .invalid)
    }

    @Test("In an orchestrator it is an error like any other")
    func refusedInside() async throws {
        let end = try await hub.end(of: try await hub.start(Shipping.self, -1))
        #expect(end.failure?.type == "InvalidName")
        #expect(end.failure?.message == "an instance id must not contain '/'")
    }
}

private struct Shipping: Orchestrator {
    func run(_ context: OrchestrationContext, input parcels: Int) async throws -> [String] {
        guard parcels > 0 else { return [try await context.callOrchestrator(Parcel.self, 0, id: "a/b")] }
        try context.setCustomStatus(["parcels": JSON(parcels)])
        return try await withThrowingTaskGroup(of: String.self) { group in
            for number in 1...parcels {
                let id = "\(context.instanceID)-parcel-\(number)"
                group.addTask { try await context.callOrchestrator(Parcel.self, number, id: id) }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted()
        }
    }
}

private struct Parcel: Orchestrator {
    func run(_ context: OrchestrationContext, input: Int) async throws -> String {
        try await context.waitForEvent("Sent")
    }
}
