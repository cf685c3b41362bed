import RepriseKernel

extension PartitionJournal {
    /// What waits for an instance, oldest first.
    func pendingEvents(of instance: InstanceRow) throws(JournalError) -> [PendingEvent] {
        try waiting(for: instance).map { row, record in
            PendingEvent(position: row.position, event: record.event, size: row.record.count)
        }
    }

    /// How an instance ended, as its parent is told it.
    func outcome(of instance: InstanceRow) throws(JournalError) -> TaskResult.Outcome? {
        guard let row = try historyRow(at: instance.endPosition) else { return nil }
        return try row.decoded().last { $0.event.outcome != nil }?.event.outcome
    }
}
