package import RepriseEngine
package import RepriseKernel

/// The contract of ``PartitionJournal`` as a value: what the tables of a journal hold, and how a commit changes them.
///
/// A crash is: drop the `Partition`, keep this.
package struct JournalTables: Sendable {
    package var head = JournalHead()
    package var history: [HistoryRow] = []
    package var instances: [InstanceKey: InstanceRow] = [:]
    package var visible: [InstanceID: InstanceKey] = [:]
    package var timers: [TimerSubject: TimerRow] = [:]
    package var pending: [PendingNumber: PendingRow] = [:]
    package var held: [PendingNumber: HeldRow] = [:]
    package var seen: [[UInt8]: SeenRow] = [:]
    package var inline: [OutboundNumber: InlineRow] = [:]
    package var retries: [OutboundNumber: RetryRow] = [:]
    package var crashes: [InstanceID: CrashRow] = [:]

    package init() {}

    // MARK: Reading

    package var recovered: RecoveredPartition {
        var recovered = RecoveredPartition(head: head)
        recovered.timers = timers.inOrder
        recovered.held = held.inOrder
        recovered.inline = inline.inOrder
        recovered.retries = retries.inOrder
        recovered.crashes = crashes.values.sorted { $0.instance.value < $1.instance.value }
        recovered.hidden = instances.values.filter { $0.hiddenThrough != nil }.sorted { $0.key < $1.key }
        recovered.waiting = Set(pending.values.map(\.instance)).sorted().compactMap { key in
            instances[key].flatMap { $0.hiddenThrough == nil && $0.runtimeStatus != .failed ? $0.id : nil }
        }
        return recovered
    }

    package func history(last position: HistoryPosition, first: HistoryPosition) throws(JournalError) -> [HistoryRecord]
    {
        var turns: [[HistoryRecord]] = []
        var next = position
        while next != 0 {
            guard let row = historyRow(at: next) else { throw JournalError(.damaged, "no history row \(next)") }
            turns.append(try records(of: row))
            next = next == first ? 0 : row.previous
        }
        return turns.reversed().flatMap { $0 }
    }

    package func historyRow(at position: HistoryPosition) -> HistoryRow? {
        let index = index(from: position)
        return index < history.count && history[index].position == position ? history[index] : nil
    }

    package func historyRows(from position: HistoryPosition, limit: Int) -> [HistoryRow] {
        Array(history[index(from: position)...].prefix(limit))
    }

    package func pending(of key: InstanceKey) -> [PendingRow] {
        pending.values.filter { $0.instance == key }.sorted { $0.position < $1.position }
    }

    package func instances(after cursor: InstanceKey, limit: Int) -> [InstanceRow] {
        let rows = instances.values.filter { $0.key > cursor && $0.hiddenThrough == nil }
        return Array(rows.sorted { $0.key < $1.key }.prefix(limit))
    }

    private func records(of row: HistoryRow) throws(JournalError) -> [HistoryRecord] {
        do {
            return try HistoryCodec.decode(row.records)
        } catch {
            throw JournalError(.damaged, "history row \(row.position): \(error)")
        }
    }

    /// The first history row at `position` or after it: rows are in commit order.
    private func index(from position: HistoryPosition) -> Int {
        var low = 0
        var high = history.count
        while low < high {
            let middle = (low + high) / 2
            if history[middle].position < position { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: Committing

    /// What the tables of the real journal would refuse.
    package func breach(of commit: JournalCommit) -> String? {
        if commit.head.commit != head.commit.next {
            return "commit \(commit.head.commit) does not follow \(head.commit)"
        }
        if commit.head.time < head.time { return "recorded time went back" }
        var position = history.last?.position ?? 0
        for row in commit.history {
            guard row.position > position else { return "history row \(row.position) comes after \(position)" }
            position = row.position
        }
        if let id = idShownTwice(by: commit) { return "two visible instances have the id '\(id)'" }
        let keys = commit.instances.map(\.key)
        if Set(keys).count != keys.count { return "an instance is written twice in one commit" }
        if let row = pending.taken(by: commit.pending) { return "pending position \(row.position) is taken" }
        if let row = held.taken(by: commit.held) { return "held position \(row.position) is taken" }
        if let row = inline.taken(by: commit.inline) { return "inline number \(row.number) is taken" }
        return nil
    }

    private func idShownTwice(by commit: JournalCommit) -> InstanceID? {
        let hidden = Set(commit.instances.filter { $0.hiddenThrough != nil }.map(\.key))
        var shown: [InstanceID: InstanceKey] = [:]
        for row in commit.instances where row.hiddenThrough == nil {
            let before = visible[row.id].flatMap { hidden.contains($0) ? nil : $0 }
            if let other = shown[row.id] ?? before, other != row.key { return row.id }
            shown[row.id] = row.key
        }
        return nil
    }

    /// Keys of commands accepted before `time`, the oldest first.
    package func seen(before time: Timestamp, limit: Int) -> [[UInt8]] {
        let old = seen.values.filter { $0.time < time }.sorted {
            $0.time == $1.time ? $0.key.lexicographicallyPrecedes($1.key) : $0.time < $1.time
        }
        return old.prefix(limit).map(\.key)
    }

    /// Additions before removals, hidden rows before visible ones.
    package mutating func apply(_ commit: JournalCommit) {
        head = commit.head
        history += commit.history
        for row in commit.instances where row.hiddenThrough != nil {
            instances[row.key] = row
            if visible[row.id] == row.key { visible[row.id] = nil }
        }
        for row in commit.instances where row.hiddenThrough == nil {
            instances[row.key] = row
            visible[row.id] = row.key
        }
        for key in commit.deletedInstances { delete(key) }
        for former in commit.deletedHistory { delete(former) }
        timers.apply(commit.timers)
        pending.apply(commit.pending)
        held.apply(commit.held)
        seen.apply(commit.seen)
        inline.apply(commit.inline)
        retries.apply(commit.retries)
        crashes.apply(commit.crashes)
    }

    private mutating func delete(_ key: InstanceKey) {
        instances[key] = nil
        history.removeAll { $0.instance == key }
        timers = timers.filter { if case .instance(key, _) = $0.key { false } else { true } }
        pending = pending.filter { $0.value.instance != key }
    }

    private mutating func delete(_ former: FormerHistory) {
        var next = former.last
        while let row = historyRow(at: next), row.instance == former.instance {
            history.remove(at: index(from: next))
            next = row.previous
        }
    }
}

/// A table whose rows come and go.
extension Dictionary where Value: TableRow, Key == Value.Key {
    fileprivate mutating func apply(_ changes: RowChanges<Value>) {
        for row in changes.written { self[row.key] = row }
        for removal in changes.removed where self[Value.key(of: removal)]?.fits(removal) == true {
            self[Value.key(of: removal)] = nil
        }
    }

    /// A row that is written where another is.
    fileprivate func taken(by changes: RowChanges<Value>) -> Value? { changes.written.first { self[$0.key] != nil } }
}

extension Dictionary where Value: TableRow, Key == Value.Key, Key: Comparable {
    fileprivate var inOrder: [Value] { sorted { $0.key < $1.key }.map(\.value) }
}
