import Foundation
import Logging
import Reprise
import Testing

/// User code can never reach a trap of ours.
@Suite struct TimerBoundsTests {
    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, -1e300])
    func aDateThatIsNoDateMakesATimerAllTheSame(_ seconds: Double) {
        let session = OrchestrationSession(
            identity: ExecutionIdentity(instance: InstanceID(trusted: "i"), name: "x", incarnation: 1),
            orchestrator: RegisteredOrchestrator(Until(seconds: seconds)),
            limits: Limits(),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let turn = session.apply(.executionStarted(name: "x", input: .null), at: .zero, replaying: false)
        #expect(turn.decisions.map(\.description) == ["create a timer (#1)"])
        session.evict()
    }

    @Test(arguments: [Double.nan, .infinity, -1, 1e300])
    func aRetryPolicyOfAnySizePausesNoLongerThanACentury(_ coefficient: Double) throws {
        let policy = RetryPolicy(maximumAttempts: 100, firstInterval: .seconds(1), backoffCoefficient: coefficient)
        let failure = Failure(type: "x", message: "x")
        let delay = try #require(policy.delay(after: 60, failure: failure, began: .zero, now: .zero))
        #expect(delay >= .zero && delay <= .seconds(3_155_760_000))
    }
}

private struct Until: Orchestrator {
    var seconds: Double
    func run(_ context: OrchestrationContext, input: JSON?) async throws -> Int {
        try await context.sleep(until: Date(timeIntervalSince1970: seconds))
        return 0
    }
}
