import Reprise
import RepriseTesting
import Testing

@Suite("Activities that report how far they have got, in a hub in memory")
struct HeartbeatTests {
    /// Every kind of fault: the process dies after each commit, everything comes twice, each first worker dies.
    @Test("An attempt begins where the last one got to", arguments: [[], Faults.all])
    func resumed(faults: Faults) async throws {
        let hub = try TestHub(
            orchestrators: [Scanning()],
            activities: [Scan()],
            configuration: TestHubConfiguration(faults: faults)
        )
        let pages = try await hub.start(Scanning.self, 9).result()
        // Three pages an attempt; with a worker that dies after its work, the next begins behind its pages.
        #expect(pages == [0, 3, 6] || faults == .all)
        #expect(pages.last.map { $0 >= 6 } == true && pages == pages.sorted())
    }

    @Test("One that reports nothing for too long fails, and its retry policy goes on")
    func silent() async throws {
        let hub = try TestHub(orchestrators: [Scanning()], activities: [Scan()])
        await hub.stub(Scan.self, taking: .minutes(2)) { _ in [] }
        let end = try await hub.start(Scanning.self, 9).end()
        #expect(end.failure?.cause?.type == "HeartbeatTimeout")
        #expect(await hub.calls(of: Scan.self).isEmpty, "a stub works at the end of its time: it was canceled")
        await hub.stub(Scan.self, taking: .seconds(59)) { _ in [1] }
        #expect(try await hub.start(Scanning.self, 9).result() == [1])
    }

    @Test("Without a limit, nothing is handed on")
    func unkept() async throws {
        let hub = try TestHub(orchestrators: [Scanning()], activities: [Scan()])
        let end = try await hub.start(Scanning.self, 0).end()
        #expect(end.failure?.cause?.message == "begun at nil")
    }
}

/// Calls ``Scan`` for so many pages; for none, without a heartbeat limit.
private struct Scanning: Orchestrator {
    func run(_ context: OrchestrationContext, input pages: Int) async throws -> [Int] {
        let retry = RetryPolicy(maximumAttempts: 5, firstInterval: .seconds(1))
        if pages == 0 { return try await context.call(Scan.name, 0, returning: [Int].self, retry: retry) }
        return try await context.call(Scan.self, pages)
    }
}

/// Does three pages in each attempt, and gives where each attempt began.
private struct Scan: Activity {
    struct Progress: Codable {
        var page: Int
        var begun: [Int]
    }

    static let options = ActivityOptions(
        retry: RetryPolicy(maximumAttempts: 5, firstInterval: .seconds(1)),
        heartbeat: .minutes(1)
    )

    func run(_ context: ActivityContext, input pages: Int) async throws -> [Int] {
        let last = try context.lastProgress(as: Progress.self)
        guard pages > 0 else {
            try context.reportProgress(Progress(page: 1, begun: []))
            throw Failure(type: "Empty", message: "begun at \(last.map { "\($0.page)" } ?? "nil")")
        }
        var progress = last ?? Progress(page: 0, begun: [])
        progress.begun.append(progress.page)
        for _ in 0..<3 where progress.page < pages {
            progress.page += 1
            try context.reportProgress(progress)
        }
        guard progress.page == pages else { throw Failure(type: "Tired", message: "at page \(progress.page)") }
        return progress.begun
    }
}
