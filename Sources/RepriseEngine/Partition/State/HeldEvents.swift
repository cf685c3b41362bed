import RepriseKernel

/// Events for instances that do not exist yet, by instance and by the time when each becomes a dead letter; and the
/// changes of the current batch.
struct HeldEvents {
    private var byInstance: [InstanceID: [HeldRow]] = [:]
    private var instances: [PendingNumber: InstanceID] = [:]
    private var due = DueQueue<PendingNumber>()
    /// Their size: the payload, and the message that a dead letter would show.
    private(set) var bytes = 0
    private var changes = RowChanges<HeldRow>()

    init(_ rows: [HeldRow]) {
        for row in rows { keep(row) }
    }

    var count: Int { instances.count }

    /// In the order they came.
    func rows(for instance: InstanceID) -> [HeldRow] { byInstance[instance] ?? [] }

    mutating func add(_ row: HeldRow) {
        keep(row)
        changes.write(row)
    }

    private mutating func keep(_ row: HeldRow) {
        byInstance[row.instance, default: []].append(row)
        instances[row.position] = row.instance
        due.arm(row.position, due: row.until)
        bytes += row.size
    }

    mutating func remove(_ row: HeldRow) {
        guard instances.removeValue(forKey: row.position) != nil else { return }
        changes.written.removeAll { $0.position == row.position }
        changes.remove(row.position)
        due.disarm(row.position)
        bytes -= row.size
        var rows = rows(for: row.instance)
        rows.removeAll { $0.position == row.position }
        byInstance[row.instance] = rows.isEmpty ? nil : rows
    }

    mutating func nextDue() -> Timestamp? { due.nextDue() }

    /// The next one whose time is over; it stays until it is removed, but is given once.
    mutating func takeDue(at now: Timestamp) -> HeldRow? {
        guard let position = due.takeDue(at: now)?.key, let instance = instances[position] else { return nil }
        return rows(for: instance).first { $0.position == position }
    }

    mutating func takeChanges(into commit: inout JournalCommit) { swap(&commit.held, &changes) }
}

extension HeldRow {
    var size: Int { payload.bytes.count + original.count }
}
