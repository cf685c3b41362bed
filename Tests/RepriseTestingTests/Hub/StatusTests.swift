import Reprise
import RepriseKernel
import RepriseTesting
import Testing

@Suite("What orchestrations and activities say of themselves")
struct StatusTests {
    private func hub(_ faults: Faults = []) throws -> TestHub {
        var configuration = TestHubConfiguration()
        configuration.faults = faults
        return try TestHub(orchestrators: [Packing()], activities: [Pack()], configuration: configuration)
    }

    @Test("A start brings a status, and patches go on top of it", arguments: [[], .all] as [Faults])
    func patches(faults: Faults) async throws {
        let hub = try hub(faults)
        let id = try await hub.start(Packing.self, 2, options: StartOptions(customStatus: ["from": "shop"]))
        #expect(try await hub.result(of: id, as: Int.self) == 2)
        #expect(
            try await hub.observedChanges(of: id).filter { $0.kind == .customStatusSet }.map(\.description) == [
                #"CustomStatusSet {"from":"shop"}"#, #"CustomStatusSet {"from":"shop","packed":1}"#,
                #"CustomStatusSet {"from":"shop","packed":2}"#, #"CustomStatusSet {"packed":2}"#,
            ]
        )
    }

    @Test("What activities report is heard, in order, and is not part of history")
    func progress() async throws {
        let hub = try hub()
        let id = try await hub.start(Packing.self, 1)
        #expect(try await hub.result(of: id, as: Int.self) == 1)
        #expect(
            try await hub.reportedProgress(of: id).map(\.description) == [
                #"Pack {"box":1,"step":1}"#, #"Pack {"box":1,"step":2}"#,
            ]
        )
        #expect(try await !hub.historyEntries(of: id).contains { $0.summary.contains("progress") })
    }
}

private struct Packing: Orchestrator {
    func run(_ context: OrchestrationContext, input: Int) async throws -> Int {
        for box in 1...input {
            try await context.call(Pack.self, box)
            try context.patchCustomStatus(["packed": box])
        }
        try context.patchCustomStatus(["from": nil] as JSON)
        return input
    }
}

private struct Pack: Activity {
    func run(_ context: ActivityContext, input: Int) async throws -> Int {
        for step in 1...2 { try context.reportProgress(["box": input, "step": step]) }
        return input
    }
}
