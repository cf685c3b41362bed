import RepriseKernel

/// The current batch's changes to the events that wait for instances: ``PendingEvents`` has them while the instance is
/// in memory.
struct PendingRows {
    private var changes = RowChanges<PendingRow>()

    mutating func add(_ row: PendingRow) { changes.write(row) }

    mutating func remove(_ position: PendingNumber) {
        changes.written.removeAll { $0.position == position }
        changes.remove(position)
    }

    mutating func takeChanges(into commit: inout JournalCommit) { swap(&commit.pending, &changes) }
}
