import Foundation
import Reprise
import RepriseKernel
import RepriseTesting
import Testing

@Suite("The article on testing")
struct ArticleTests {
    @Test("A directory of histories is replayed")
    func replaying() async throws {
        let histories = FileManager.default.temporaryDirectory.appending(path: "article-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: histories, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: histories) }
        let hub = try TestHub(orchestrators: [Greetings()], activities: [Greet()])
        try await hub.end(of: try await hub.start(Greetings.self, ["Tokyo"], id: try InstanceID("trip-1")))
        try await hub.exportHistory(of: try InstanceID("trip-1")).write(to: histories.appending(path: "trip-1.json"))

        let tester = try ReplayTester(orchestrators: [Greetings()])
        for replayed in try tester.check(directory: histories) {
            #expect(replayed.difference == nil, "\(replayed)")
        }
    }
}
