import Reprise
import RepriseKernel

/// An instance in memory: its row, what it waits for, what waits for it, and perhaps its running code.
final class LiveInstance {
    var row: InstanceRow
    /// Nil until history has been read: a row alone is enough to refuse a command.
    var open: OpenWork?
    /// Events not yet applied, oldest first; loaded together with `open`.
    var pending: [PendingEvent] = []
    var session: OrchestrationSession?
    /// What this batch appends to its history.
    var appended: [HistoryRecord] = []
    var isTouched = false
    /// For choosing whom to evict.
    var lastUse: UInt64 = 0

    init(row: InstanceRow) { self.row = row }

    struct PendingEvent {
        var position: Int64
        var event: HistoryEvent
    }

    /// Whether an event of this name would be applied at once instead of waiting.
    func takesNow(event name: String) -> Bool {
        row.runtimeStatus != .suspended && session?.isAwaiting(event: name) == true
    }

    /// Whether a result for this task already waits to be applied.
    func hasPendingResult(for task: TaskID) -> Bool {
        pending.contains { waiting in
            switch waiting.event {
            case .taskCompleted(let id, _), .taskFailed(let id, _): id == task
            default: false
            }
        }
    }
}
