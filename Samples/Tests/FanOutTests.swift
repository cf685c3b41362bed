import Reprise
import RepriseTesting
import Testing

@testable import reprise_samples

@Suite("FanOut")
struct FanOutTests {
    @Test("Greets as many as it is told to")
    func greetings() async throws {
        let hub = try TestHub(orchestrators: [FanOut()], activities: [SayHello()])
        for count in [0, 3] {
            #expect(try await hub.result(of: try await hub.start(FanOut.self, count), as: Int.self) == count)
        }
    }

    @Test("A negative number of greetings is refused")
    func negative() async throws {
        let hub = try TestHub(orchestrators: [FanOut()], activities: [SayHello()])
        let end = try await hub.end(of: try await hub.start(FanOut.self, -1))
        #expect(end.failure?.type == "InvalidCount")
    }
}
