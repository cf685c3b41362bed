import Foundation
import RepriseTestSupport
import Testing

/// A hub of a name of its own, and a node with the samples.
struct SampleHub: Sendable {
    let name: String
    let url: String
    let directory: URL
    let node: Program

    @TaskLocal static var current: SampleHub?

    var environment: [String: String] { ["REPRISE_AMQP_URL": url, "REPRISE_HUB": name] }
    var data: String { directory.appending(path: "node").path }

    static func start() async throws -> SampleHub {
        let url = try TestEnvironment.brokerURL
        let name = "cli-\(UUID().uuidString.prefix(8).lowercased())"
        let directory = FileManager.default.temporaryDirectory.appending(path: name)
        let node = try await Program(
            [try TestEnvironment.program("reprise-samples")],
            environment: [
                "REPRISE_AMQP_URL": url, "REPRISE_HUB": name,
                "REPRISE_DATA": directory.appending(path: "node").path,
            ]
        )
        let hub = SampleHub(name: name, url: url, directory: directory, node: node)
        try await node.says("node ready", on: "errors")
        // It has listened for others first.
        for partition in 0..<4 { try await node.says("partition \(partition) taken", on: "errors") }
        return hub
    }

    /// Ends the node, and waits until it is gone.
    func stop() async throws {
        node.signal(SIGTERM)
        _ = try await node.outcome()
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }
}

/// Gives a suite a hub: started before its first test, stopped after its last.
struct SampleHubTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let hub = try await SampleHub.start()
        defer { hub.remove() }
        do {
            try await SampleHub.$current.withValue(hub, operation: function)
        } catch {
            try await hub.stop()
            throw error
        }
        try await hub.stop()
    }
}

extension Trait where Self == SampleHubTrait {
    static var sampleHub: SampleHubTrait { SampleHubTrait() }
}

/// The commands, against a node with the samples. One after the other: what a doctor finds depends on what others leave.
@Suite(.sampleHub, .serialized, .timeLimit(.minutes(5))) enum Commands {}
