import Logging
import Reprise
import Synchronization
import Testing

@Suite struct EvictionTests {
    /// An orchestrator that logs the errors it catches reported a failure whenever it was taken out of memory.
    @Test func evictionIsSilent() {
        let lines = Lines()
        let session = OrchestrationSession(
            identity: ExecutionIdentity(instance: InstanceID(trusted: "i"), name: "x", incarnation: 1),
            orchestrator: RegisteredOrchestrator(Talker()),
            limits: Limits(),
            logger: Logger(label: "test", factory: { _ in lines })
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

/// A log that is kept for the test.
private final class Lines: LogHandler, Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }
    func log(event: LogEvent) { lines.withLock { $0.append("\(event.message)") } }
}
