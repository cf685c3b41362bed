import RepriseKernel

/// What the batch under way changes of the events that wait for instances: ``PendingEvents`` has them while the instance is
/// in memory.
struct PendingRows {
    private var added: [PendingRow] = []
    private var removed: [PendingNumber] = []

    mutating func add(_ row: PendingRow) { added.append(row) }

    mutating func remove(_ position: PendingNumber) {
        added.removeAll { $0.position == position }
        removed.append(position)
    }

    mutating func takeChanges(into commit: inout JournalCommit) {
        swap(&commit.pendingAdded, &added)
        swap(&commit.pendingRemoved, &removed)
    }
}
