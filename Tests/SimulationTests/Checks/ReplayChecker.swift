import Logging
import Reprise
import RepriseKernel

/// Runs a stored history through fresh code and says where the two part; nil when they agree.
///
/// Stricter than the law of replay: the inputs of activities and the due times of timers must agree too.
struct ReplayChecker {
    var orchestrators: [String: RegisteredOrchestrator]
    var limits: Limits

    func difference(in history: [HistoryRecord], of row: InstanceIdentity) -> String? {
        guard case .executionStarted(let start)? = history.first?.event else {
            return "history does not begin with a start"
        }
        guard let orchestrator = orchestrators[start.name] else { return "there is no orchestrator '\(start.name)'" }
        let session = OrchestrationSession(
            identity: ExecutionIdentity(instance: row.instance, name: start.name, incarnation: row.incarnation),
            orchestrator: orchestrator,
            limits: limits,
            logger: Logger(label: "replay", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        defer { session.evict() }
        for step in Replay.steps(of: history) {
            let turn = session.apply(step.record.event, at: step.record.time, replaying: true)
            if case .executionFailed(let failure)? = step.decisions.last, Self.diagnoses.contains(failure.type) {
                // The engine ended it here: whatever the code decided in that turn was dropped.
                return nil
            }
            if let failure = turn.problem ?? Replay.difference(after: step, decided: turn.decisions) {
                return failure.message
            }
            for (decision, recorded) in zip(turn.decisions.filter(\.isCompared), step.decisions) {
                switch (decision, recorded) {
                case (.scheduleTask(let request), .taskScheduled(let task))
                where request.input != task.input || request.attempt != task.attempt
                    || request.target != task.target:
                    return "task #\(task.id) was scheduled with another input or attempt"
                case (.createTimer(let id, let fireAt), .timerCreated(_, let due)) where fireAt != due:
                    return "timer #\(id) is due at another time"
                default: break
                }
            }
        }
        return nil
    }

    private static let diagnoses: Set = [
        Failure.Kind.nonDeterministic, Failure.Kind.stalled, Failure.Kind.trapped, Failure.Kind.foreignExecutor,
        Failure.Kind.tooManyDecisions,
    ]
}

struct InstanceIdentity: Hashable {
    var instance: InstanceID
    var incarnation: Int64
}
