import Logging
import RepriseKernel

extension Partition {
    private static let toleratedCrashes = 3

    /// Why an instance must not run any more: its turns trapped the process too often.
    func trapped(_ id: InstanceID) -> Failure? {
        guard let count = crashes[id], count >= Self.toleratedCrashes else { return nil }
        return Failure(
            type: Failure.Kind.trapped,
            message: "the orchestrator's code trapped the process \(count) times",
            details: """
                A trap is a crash that Swift does not let code catch: a failed precondition, an index out of range, \
                an overflow, a nil that was unwrapped, a stack that ran out. The node's log shows where.
                """,
            isNonRetriable: true
        )
    }

    /// Counts the crash that the last process left behind.
    func countCrash() {
        guard let id = marker.takeTrapped() else { return }
        let count = (crashes[id] ?? 0) + 1
        crashes[id] = count
        draft.crashes.append(CrashRow(instance: id, count: count))
        logger.error(
            "The last process trapped in a turn of this instance (\(count) of \(Self.toleratedCrashes)).",
            metadata: ["instance": "\(id)"]
        )
    }

    /// A turn that is about to be committed did not trap: what was counted before is forgiven.
    func clearCrashes(_ commit: inout JournalCommit) {
        guard !crashes.isEmpty else { return }
        for instance in draft.touched where crashes.removeValue(forKey: instance.row.id) != nil {
            commit.crashesCleared.append(instance.row.id)
        }
    }

    /// Looks at the instances for which something waited when the partition was taken.
    func applyWaiting() throws(JournalError) {
        for id in waiting {
            if let instance = try instance(id), instance.row.runtimeStatus != .suspended { try wake(instance) }
        }
        waiting = []
    }
}
