import Foundation
import Reprise
import RepriseKernel
import RepriseTesting
import Testing

@Suite("Canceling in a hub in memory")
struct CancelingTests {
    /// Takes a minute to clean up.
    private struct Tidy: Orchestrator {
        static let gracePeriod = Duration.seconds(90)

        func run(_ context: OrchestrationContext, input: Int) async throws -> Int {
            do {
                return try await context.waitForEvent("Go")
            } catch is CancellationError where context.isCancellationRequested {
                try context.setCustomStatus("tidied: \(context.cancellationReason ?? "no reason")")
                try await context.sleep(for: .seconds(60))
                throw CancellationError()
            }
        }
    }

    private func hub(_ faults: Faults = []) throws -> TestHub {
        try TestHub(
            orchestrators: [Tidy(), Waiter(), Guardian()],
            configuration: TestHubConfiguration(faults: faults)
        )
    }

    @Test("It cleans up, and its end says why", arguments: [[], Faults.all])
    func cleanUp(faults: Faults) async throws {
        let hub = try hub(faults)
        let tidy = try await hub.start(Tidy.self, 1, id: "a")
        try await tidy.cancel(reason: "enough")
        #expect(try await tidy.status().runtimeStatus == .running)
        let error = await #expect(throws: OrchestrationCanceled.self) { try await tidy.result() }
        #expect(error?.description == "'a' (Tidy) was canceled: enough")
        #expect(try await hub.status(of: "a").customStatus(as: String.self) == "tidied: enough")
        let kinds = try await hub.observedChanges(of: tidy.id).map(\.kind)
        #expect(kinds == [.started, .cancelRequested, .customStatusSet, .canceled])
        let history = try await hub.history(of: "a")
        #expect(history.contains { $0.kind == .generic && $0.reason == "CancelRequested" })
        #expect(history.last?.runtimeStatus == .canceled)
        let late = await #expect(throws: RepriseError.self) { try await tidy.cancel() }
        #expect(late?.code == .ended)
    }

    @Test("It is ended when its time is over, as the request or its type says")
    func grace() async throws {
        let hub = try hub()
        let begin = await hub.now
        let tidy = try await hub.start(Tidy.self, 1)
        try await tidy.cancel(grace: .seconds(30))
        #expect(try await tidy.end().runtimeStatus == .canceled)
        #expect(await hub.now.timeIntervalSince(begin) == 30)
        let invalid = await #expect(throws: RepriseError.self) {
            try await hub.start(Tidy.self, 2).cancel(grace: .seconds(-1))
        }
        #expect(invalid?.code == .invalid)
    }

    @Test("It reaches the children when asked", arguments: [false, true])
    func children(too: Bool) async throws {
        let hub = try hub()
        let id = try await hub.start(Guardian.self, 1, id: try InstanceID("g")).id
        try await hub.cancel(id, children: too)
        #expect(try await hub.status(of: id).runtimeStatus == .canceled)
        #expect(try await hub.status(of: "g-child").runtimeStatus == (too ? .canceled : .running))
    }
}
