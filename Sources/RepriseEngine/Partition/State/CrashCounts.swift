import RepriseKernel

/// Instances in whose turns the process died, and how often; and the changes of the current batch.
struct CrashCounts {
    private var rows: [InstanceID: CrashRow]
    private var changes = RowChanges<CrashRow>()
    /// Instances whose crashes no longer count, although none of their turns is committed.
    private var forgiven: [InstanceID] = []

    init(_ rows: [CrashRow]) {
        self.rows = Dictionary(rows.map { ($0.instance, $0) }, uniquingKeysWith: { $1 })
    }

    subscript(id: InstanceID) -> CrashRow? { rows[id] }

    func isForgiven(_ id: InstanceID) -> Bool { forgiven.contains(id) }

    /// Replaces its counts; an instance without any is forgiven.
    mutating func note(_ row: CrashRow) {
        guard row != rows[row.instance], rows[row.instance] != nil || row != CrashRow(instance: row.instance) else {
            return
        }
        rows[row.instance] = row
        if row == CrashRow(instance: row.instance) { forgive(row.instance) } else { changes.write(row) }
    }

    mutating func forgive(_ id: InstanceID) { forgiven.append(id) }

    /// Counts the turn about to be tried, visible to all nodes before it runs. In memory it counts only once it has
    /// ended the process.
    mutating func beginTrial(of id: InstanceID, isCounted: Bool) {
        let row = rows[id] ?? CrashRow(instance: id)
        rows[id] = row
        guard isCounted else { return }
        var counted = row
        counted.trials += 1
        changes.write(counted)
    }

    /// The turn was tried and changed nothing, so no commit of it shows that it is over.
    mutating func takeBackTrial(of id: InstanceID, _ known: CrashRow?) {
        if let known { changes.write(known) } else { forgive(id) }
    }

    /// A turn that is about to be committed did not end the process: what was counted before is forgiven.
    mutating func takeChanges(into commit: inout JournalCommit, touched: some Sequence<InstanceID>) {
        swap(&commit.crashes, &changes)
        defer { forgiven = [] }
        guard !rows.isEmpty else { return }
        for id in Array(touched) + forgiven where rows.removeValue(forKey: id) != nil {
            commit.crashes.remove(id)
        }
    }

    /// Whether the batch says something of them.
    var hasForgiven: Bool { !forgiven.isEmpty }
}

extension CrashRow {
    /// All consecutive: a committed turn deletes the row.
    var deaths: Int64 { Int64(traps + timeouts + kills + trials) }

    /// Counts a death of this node itself, whose cause it knows. What was counted before the turn is that same death.
    mutating func add(_ turn: UnfinishedTurn) {
        if turn.isTrial { trials = max(0, trials - 1) }
        switch turn.death {
        case .trapped: traps += 1
        case .timedOut: timeouts += 1
        case .killed: kills += 1
        case .none: break
        }
    }
}
