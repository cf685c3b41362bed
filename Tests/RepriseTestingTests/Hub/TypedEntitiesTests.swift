import Reprise
import RepriseKernel
import RepriseTesting
import Testing

@Suite("Entities whose operations are a type")
struct TypedEntitiesTests {
    private let hub: TestHub

    init() throws { hub = try TestHub(orchestrators: [Moving(), Trying()], entities: [Shelf(), Lamp()]) }

    @Test("Every shape of a case is sent as a name and an input, and read again")
    func shapes() async throws {
        try await hub.signal(Shelf.self, "a", .put(3))
        // As someone does who knows the names alone.
        let shelf = try Shelf.id("a")
        try await hub.signal(shelf, "put", 2)
        try await hub.signal(shelf, "move", ["count": 1, "to": "b"] as JSON)
        #expect(try await hub.state(of: Shelf.self, "a")?.count == 4)
        #expect(try await hub.state(of: Shelf.self, "b")?.count == 1)
        try await hub.signal(shelf, "look")
        let moving = try await hub.start(Moving.self, 2)
        #expect(try await moving.result() == [2, 4])
    }

    @Test("An optional structure is told from no value, by either way of writing it")
    func optionals() async throws {
        let shelf = try Shelf.id("a")
        try await hub.signal(Shelf.self, "a", .label(Shelf.Label(text: "cups")))
        #expect(try await hub.state(of: Shelf.self, "a")?.label == "cups")
        try await hub.signal(Shelf.self, "a", .label(nil))
        #expect(try await hub.state(of: Shelf.self, "a")?.label == "")
        try await hub.signal(shelf, "label", ["text": "mugs"])
        #expect(try await hub.state(of: Shelf.self, "a")?.label == "mugs")
        try await hub.signal(shelf, "label")
        #expect(try await hub.state(of: Shelf.self, "a")?.label == "")
    }

    @Test("Operations without values may be an enumeration of texts")
    func texts() async throws {
        try await hub.signal(Lamp.self, "hall", .switchOn)
        #expect(try await hub.state(of: Lamp.self, "hall") == true)
        try await hub.signal(try Lamp.id("hall"), "switchOff")
        #expect(try await hub.state(of: Lamp.self, "hall") == false)
    }

    @Test("A name that is no case is unknown, and an input that is not its value unreadable")
    func wrong() async throws {
        for (operation, type) in [("shove", "UnknownOperation"), ("put", "UnreadablePayload")] {
            let end = try await hub.end(of: try await hub.start("Trying", operation))
            #expect(end.failure?.cause?.type == type)
        }
        try await hub.signal(Shelf.self, "a", .put(1))
        try await hub.delete(try Shelf.id("a"))
        #expect(try await hub.state(of: Shelf.self, "a") == nil)
    }
}

private struct Shelf: TypedEntity {
    struct State: Codable {
        var count = 0
        var label = ""
    }

    struct Label: Codable { var text: String }

    enum Operation: Codable {
        case put(Int)
        case move(count: Int, to: String)
        case label(Label?)
        case look
    }

    func perform(_ operation: Operation, on state: inout State?, as call: EntityOperation) throws -> Int {
        var shelf = state ?? State()
        switch operation {
        case .put(let more): shelf.count += more
        case .move(let fewer, let other):
            shelf.count -= fewer
            try call.signalEntity(Shelf.self, other, .put(fewer))
        case .label(let label): shelf.label = label?.text ?? ""
        case .look: break
        }
        state = shelf
        return shelf.count
    }
}

private struct Lamp: TypedEntity {
    enum Operation: String, Codable { case switchOn, switchOff }

    func perform(_ operation: Operation, on isOn: inout Bool?, as call: EntityOperation) -> Bool {
        let wasOn = isOn ?? false
        isOn = operation == .switchOn
        return wasOn
    }
}

private struct Moving: Orchestrator {
    func run(_ context: OrchestrationContext, input count: Int) async throws -> [Int] {
        let left = try await context.callEntity(Shelf.self, "c", .put(count))
        try context.signalEntity(Shelf.self, "c", .put(count))
        return [left, try await context.callEntity(Shelf.self, "c", .look)]
    }
}

private struct Trying: Orchestrator {
    func run(_ context: OrchestrationContext, input operation: String) async throws {
        try await context.callEntity(try Shelf.id("a"), operation, "x")
    }
}
