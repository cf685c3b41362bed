import RepriseKernel

/// Where and when the search for ended instances past their retention continues.
struct RetentionSweep {
    var cursor: InstanceKey = 0
    var due = Timestamp.zero
}

extension Partition {
    /// Purges what has been kept long enough: a page of instances at a time, all of them about once a minute.
    func retainOnly() throws(JournalError) {
        guard let due = nextRetention(), due <= now else { return }
        guard hidden.count < Self.hiddenAtMost else {
            // It hides instances faster than they can be deleted.
            if hasDeletable { batch.require() }
            retention.due = now + Self.pauseBetweenPages
            return
        }
        let rows = try journal.instances(after: retention.cursor, limit: Self.pageOfInstances)
        for row in rows where isOver(row) {
            // It may have been restarted in this very batch, or rewound.
            guard let instance = try instance(row.id), instance.row.key == row.key, isOver(instance.row) else {
                continue
            }
            purgeNow(instance)
        }
        retention.cursor = rows.count == Self.pageOfInstances ? rows.last?.key ?? 0 : 0
        retention.due = now + (retention.cursor == 0 ? Self.pauseBetweenSweeps : Self.pauseBetweenPages)
    }

    private func isOver(_ row: InstanceRow) -> Bool {
        guard row.runtimeStatus.isEnded, let kept = settings.retention[row.runtimeStatus] else { return false }
        return row.lastUpdatedTime + kept <= clock.slowest
    }

    /// When to look again; nil where everything is kept.
    func nextRetention() -> Timestamp? { settings.retention.isEmpty ? nil : retention.due }

    private static let pageOfInstances = 256
    private static let hiddenAtMost = 1_000
    private static let pauseBetweenPages = Duration.milliseconds(200)
    private static let pauseBetweenSweeps = Duration.seconds(60)
}
