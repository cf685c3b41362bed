import RepriseKernel

extension PartitionJournal {
    /// What waits for an instance as of the last commit, oldest first.
    func waiting(for row: InstanceRow) throws(JournalError) -> [(row: PendingRow, record: HistoryRecord)] {
        var found: [(row: PendingRow, record: HistoryRecord)] = []
        for waiting in try pending(of: row.key) {
            do {
                for record in try HistoryCodec.decode(waiting.record) { found.append((waiting, record)) }
            } catch {
                throw JournalError(.damaged, "pending event \(waiting.position) of '\(row.id)': \(error)")
            }
        }
        return found
    }

    /// The events that were raised and that the code has not waited for yet, as of the last commit, oldest first.
    func unreadEvents(of row: InstanceRow) throws(JournalError) -> [UnreadEvent] {
        guard !row.runtimeStatus.isEnded, !row.id.isEntity else { return [] }
        return try waiting(for: row).compactMap { _, record in
            guard case .eventRaised(let name, _) = record.event else { return nil }
            return UnreadEvent(name: name, time: record.time)
        }
    }
}
