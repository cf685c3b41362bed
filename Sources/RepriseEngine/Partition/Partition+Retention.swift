import RepriseKernel

/// Where the search for ended instances that are kept no longer goes on, and when.
struct RetentionSweep {
    var cursor: Int64 = 0
    var due = Timestamp.zero
}

extension Partition {
    /// Purges what has been kept long enough: a page of instances at a time, all of them about once a minute.
    func retainOnly() throws(JournalError) {
        guard let due = nextRetention(), due <= now else { return }
        let rows = try journal.instances(after: retention.cursor, limit: Self.pageOfInstances)
        for row in rows where row.runtimeStatus.isEnded {
            guard let kept = settings.retention[row.runtimeStatus], row.lastUpdatedTime + kept <= now else { continue }
            _ = try purge(row.id, children: false)
        }
        retention.cursor = rows.count == Self.pageOfInstances ? rows.last?.key ?? 0 : 0
        retention.due = now + (retention.cursor == 0 ? Self.pauseBetweenSweeps : Self.pauseBetweenPages)
    }

    /// When to look again; nil where everything is kept.
    func nextRetention() -> Timestamp? { settings.retention.isEmpty ? nil : retention.due }

    private static let pageOfInstances = 256
    private static let pauseBetweenPages = Duration.milliseconds(200)
    private static let pauseBetweenSweeps = Duration.seconds(60)
}
