import Reprise
import RepriseTesting
import Testing

@testable import reprise_samples

@Suite("Counter")
struct CounterTests {
    @Test("Counts as far as a number goes, and says so at its end")
    func overflow() async throws {
        let hub = try TestHub(orchestrators: [], entities: [Counter()])
        let counter = try EntityID("Counter", "a")
        try await hub.signal(counter, "add", Int.max)
        try await hub.signal(counter, "add", 1)
        #expect(try await hub.state(of: counter, as: Int.self) == Int.max)
        try await hub.signal(counter, "add", -1)
        #expect(try await hub.state(of: counter, as: Int.self) == Int.max - 1)
    }
}
