import Logging
import RepriseKernel

extension Partition {
    /// The last event of an incarnation: its timers and everything waiting go with it.
    func end(_ instance: LiveInstance, _ event: HistoryEvent, as status: RuntimeStatus) {
        closeChildren(of: instance)
        disarmAll(of: instance)
        disarm(.grace, of: instance)
        releaseLocks(of: instance)
        instance.upcoming = nil
        // Events that came early outlive a failure: once the execution is rewound, they may be waited for.
        for waiting in instance.pending where status != .failed || !waiting.event.isEarly {
            pending.remove(waiting.position)
        }
        instance.pending = PendingEvents()
        instance.row.runtimeStatus = status
        append(event, to: instance)
        if let parent = instance.addressed ?? instance.beginning?.parent ?? upcomingParent(of: instance) {
            append(.parentNotified(parent), to: instance)
        }
        evict(instance)
    }

    /// The parent of an instance that ends before it has begun, or whose history cannot be read.
    private func upcomingParent(of instance: LiveInstance) -> TaskAddress? {
        do {
            return try beginning(of: instance)?.parent
        } catch {
            logger.error(
                "The parent cannot be told of the end: \(error.message)",
                metadata: ["instance": "\(instance.row.id)"]
            )
            return nil
        }
    }
}
