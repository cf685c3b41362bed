import Logging
import RepriseKernel

extension Partition {
    /// Brings an instance's open work and pending events into memory.
    func fold(_ instance: LiveInstance) throws(JournalError) {
        guard instance.open == nil else { return }
        try fold(instance, try history(of: instance) ?? [])
    }

    func fold(_ instance: LiveInstance, _ history: [HistoryRecord]) throws(JournalError) {
        restoreFacts(history, of: instance)
        instance.open = OpenWork(of: history)
        instance.pending = PendingEvents(try pending(of: instance))
    }

    /// Restores the facts in history besides the code's position.
    func restoreFacts(_ history: [HistoryRecord], of instance: LiveInstance) {
        instance.eventCount = history.count
        for record in history {
            switch record.event {
            case .executionStarted(let start): instance.beginning = start
            case .parentAddressed(let address): instance.addressed = address
            // It may have been suspended and resumed since.
            case .executionContinued(let next): instance.upcoming = next
            default: break
            }
        }
        // Takes precedence over a start that was recorded later, which is older.
        if let address = instance.addressed { instance.address(address) }
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

    func pending(of instance: LiveInstance) throws(JournalError) -> [PendingEvent] {
        try journal.waiting(for: instance.row).map { row, record in
            PendingEvent(position: row.position, event: record.event, size: row.record.count)
        }
    }
}
