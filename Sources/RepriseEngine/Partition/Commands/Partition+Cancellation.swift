import Logging
import Reprise
import RepriseKernel

/// Cancellation: the code is told, cleans up and ends; or is ended, when that takes too long.
///
/// ```
///  cancel ──► CancelRequested ──► what the code awaits throws ──► its clean-up ──► ExecutionCanceled
///                  └─ the grace period, a timer ──────────────────────────────► ExecutionCanceled all the same
/// ```
extension Partition {
    /// One more request changes nothing. The result is why it was refused.
    func cancel(
        _ id: InstanceID,
        _ reason: Payload,
        grace: Duration?,
        children: Bool,
        of parent: TaskAddress?
    ) throws(JournalError) -> Rejection? {
        guard let instance = try instance(id) else { return unknown(id) }
        if let grace, let refusal = Cancellation.refusal(of: grace) { return refusal }
        if let refusal = try refusal(of: parent, by: instance) { return refusal }
        guard !instance.row.runtimeStatus.isEnded else { return ended(instance) }
        try fold(instance)
        // There is nothing to clean up.
        guard instance.beginning != nil else {
            endCanceled(instance, reason)
            return nil
        }
        guard !instance.isToBeCanceled else { return nil }
        try activate(instance)
        guard !instance.row.runtimeStatus.isEnded else { return ended(instance) }
        let grace = grace ?? orchestrators[instance.row.name]?.gracePeriod ?? Cancellation.standardGrace
        let cancellation = Cancellation(reason: reason, grace: grace, children: children)
        try deliverOrKeep(.cancelRequested(cancellation), to: instance)
        return nil
    }

    /// The code is about to be told, and waits for nothing any more. Gives the request as history has it.
    func beginGrace(_ cancellation: Cancellation, of instance: LiveInstance) -> Cancellation {
        var cancellation = cancellation
        let deadline = cancellation.deadline ?? now + cancellation.grace
        cancellation.deadline = deadline
        withdrawTasks(of: instance, because: "the orchestration was canceled")
        if cancellation.children {
            sendToChildren(of: instance) { .cancel(reason: cancellation.reason, children: true, childOf: $0) }
        } else {
            closeChildren(of: instance)
        }
        disarmAll(of: instance)
        instance.cancellation = cancellation
        arm(.grace, due: deadline, of: instance)
        return cancellation
    }

    /// While suspended, its code cannot clean up: nothing is ended then.
    func endGrace(of instance: LiveInstance) throws(JournalError) {
        guard instance.row.runtimeStatus != .suspended else { return }
        try fold(instance)
        guard let cancellation = instance.cancellation else { return }
        logger.warning(
            "Its clean-up has taken longer than its grace period, and it is ended as Canceled.",
            metadata: ["instance": "\(instance.row.id)", "grace": "\(cancellation.grace)"]
        )
        endCanceled(instance, cancellation.reason)
    }

    private func endCanceled(_ instance: LiveInstance, _ reason: Payload) {
        withdrawTasks(of: instance, because: "the orchestration was canceled")
        end(instance, .executionCanceled(reason: reason, isForced: true), as: .canceled)
    }
}
