import Logging
import Reprise
import RepriseTestSupport
import Testing

@Suite struct EvictionTests {
    /// An orchestrator that logs the errors it catches reported a failure whenever it was taken out of memory.
    @Test func evictionIsSilent() {
        let lines = LogLines(from: .trace)
        let session = OrchestrationSession(
            identity: ExecutionIdentity(instance: InstanceID(trusted: "i"), name: "x", incarnation: 1),
            orchestrator: RegisteredOrchestrator(Talker()),
            limits: Limits(),
            logger: lines.logger
        )
        _ = session.apply(.executionStarted(name: "x", input: .null), at: .zero, replaying: false)
        session.evict()
        #expect(lines.all == ["waiting"])
    }
}

private struct Talker: Orchestrator {
    func run(_ context: OrchestrationContext, input: JSON?) async throws -> Int {
        context.logger.info("waiting")
        do {
            return try await context.waitForEvent("never")
        } catch {
            context.logger.error("it failed")
            throw error
        }
    }
}
