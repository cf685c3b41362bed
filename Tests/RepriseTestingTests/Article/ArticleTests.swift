import Foundation
import Reprise
import RepriseKernel
import RepriseTesting
import Testing

@Suite("The article on testing")
struct ArticleTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("Every piece of its code is part of a test that is compiled and run")
    func compiled() throws {
        let article = try text("Sources/Reprise/Reprise.docc/Testing-Orchestrators.md")
        let tests = try [
            "Samples/Tests/ReserveTicketTests.swift", "Tests/RepriseTestingTests/Hub/TestHubTests.swift",
            "Tests/RepriseTestingTests/Activities/ActivityTests.swift",
            "Tests/RepriseTestingTests/Article/ArticleTests.swift",
        ].map { "\n" + lines(try text($0)).joined(separator: "\n") + "\n" }
        let pieces = article.components(separatedBy: "```swift\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        #expect(pieces.count == 6)
        for piece in pieces {
            let code = "\n" + lines(piece).joined(separator: "\n") + "\n"
            #expect(tests.contains { $0.contains(code) }, "no test has:\n\(piece)")
        }
    }

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

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    /// Without indentation and empty lines.
    private func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
}
