import Logging
import RepriseKernel

extension Partition {
    /// Brings an instance's open work and pending events into memory.
    func fold(_ instance: LiveInstance) throws(JournalError) {
        guard instance.open == nil else { return }
        try fold(instance, try history(of: instance) ?? [])
    }

    func fold(_ instance: LiveInstance, _ history: [HistoryRecord]) throws(JournalError) {
        instance.restoreFacts(history)
        instance.open = OpenWork(of: history)
        instance.pending = PendingEvents(try journal.pendingEvents(of: instance.row))
    }

    /// Nil when it is damaged on disk, which affects only this instance.
    func history(of instance: LiveInstance) throws(JournalError) -> [HistoryRecord]? {
        do {
            return try journal.history(of: instance.row)
        } catch {
            guard error.code == .damaged else { throw error }
            logger.error("\(error.message)", metadata: ["instance": "\(instance.row.id)"])
            return nil
        }
    }
}
