import Reprise
import RepriseKernel
import RepriseTesting
import Testing

/// Of two orchestrators, activities or entities of one name the last replaced the first, and no one said so.
@Suite("Two of one name")
struct NameClashTests {
    struct Same: Orchestrator {
        static let name = "Greetings"
        func run(_ context: OrchestrationContext, input: [String]) async throws -> [String] { [] }
    }

    struct Other: Activity {
        static let name = "Greet"
        func run(_ context: ActivityContext, input: String) async throws -> String { input }
    }

    struct Loud: Entity {
        static let name = "COUNTER"
        func perform(_ operation: EntityOperation, on state: inout Int?) throws -> Int { 0 }
    }

    struct Mine: Orchestrator {
        static let name = Scheduler.name
        func run(_ context: OrchestrationContext, input: [String]) async throws -> [String] { [] }
    }

    private func refusal(_ make: () throws -> Void) -> String? {
        do {
            try make()
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test("Orchestrators are refused, naming both types")
    func orchestrators() {
        let refusal = refusal { _ = try TestHub(orchestrators: [Greetings(), Same()]) }
        #expect(refusal?.contains("two orchestrators have the name 'Greetings'") == true)
        #expect(refusal?.contains("Tests.Greetings and RepriseTestingTests.NameClashTests.Same") == true)
        #expect(self.refusal { _ = try ReplayTester(orchestrators: [Greetings(), Same()]) } == refusal)
    }

    @Test("So they are when the process begins again with other code")
    func restart() async throws {
        let hub = try TestHub(orchestrators: [Greetings()])
        await #expect(throws: RepriseError.self) { try await hub.restart(orchestrators: [Greetings(), Same()]) }
    }

    @Test("Activities are refused, naming both types")
    func activities() {
        let refusal = refusal { _ = try TestHub(orchestrators: [], activities: [Greet(), Other()]) }
        #expect(refusal?.contains("two activities have the name 'Greet'") == true)
        #expect(refusal?.contains("NameClashTests.Other") == true)
    }

    @Test("Entities are refused, in whatever case they write it")
    func entities() {
        let refusal = refusal { _ = try TestHub(orchestrators: [], entities: [Counter(), Loud()]) }
        #expect(refusal?.contains("two entities have the name 'counter'") == true)
        #expect(refusal?.contains("NameClashTests.Loud") == true)
    }

    @Test("The same twice is refused, too")
    func twice() {
        let refusal = refusal { _ = try TestHub(orchestrators: [Greetings(), Greetings()]) }
        #expect(refusal?.contains("two orchestrators have the name 'Greetings'") == true)
    }

    @Test("One takes the place of a built-in one, and kinds do not meet")
    func builtIn() throws {
        _ = try TestHub(orchestrators: [Greetings(), Mine()], activities: [Greet()], entities: [Counter()])
    }
}
