import Reprise
import RepriseKernel
import RepriseTesting

/// Runs a stored history through fresh code and says where the two part; nil when they agree.
///
/// Stricter than the law of replay: the inputs of activities and the due times of timers must agree too.
struct ReplayChecker {
    var orchestrators: [String: RegisteredOrchestrator]
    var limits: Limits

    func difference(in history: [HistoryRecord], of row: InstanceIdentity) -> String? {
        switch history.first?.event {
        case .executionStarted, .executionScheduled: break
        default: return "history does not begin with a start"
        }
        let tester = ReplayTester(orchestrators, comparingInputs: true, limits: limits)
        let recorded = RecordedHistory(instance: row.instance, incarnation: row.incarnation, records: history)
        do {
            return try tester.check(recorded)?.description
        } catch {
            return error.message
        }
    }
}

struct InstanceIdentity: Hashable {
    var instance: InstanceID
    var incarnation: Incarnation
}
