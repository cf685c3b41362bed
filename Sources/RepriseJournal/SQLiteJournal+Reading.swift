package import RepriseEngine
package import RepriseKernel

extension SQLiteJournal {
    package func recover() throws(JournalError) -> RecoveredPartition {
        try access { _, statements in
            guard let head = try statements.progress.first(JournalHead.self) else {
                throw Damage("the row that says how far it has come is missing")
            }
            var recovered = RecoveredPartition(head: head)
            try statements.tables.read(into: &recovered)
            recovered.hidden = try statements.hiddenInstances.all(InstanceRow.self)
            recovered.waiting = try statements.waitingInstances.all(InstanceRow.self) { _ in nil }.map(\.id)
            return recovered
        }
    }

    // MARK: Instances

    package func instance(_ id: InstanceID) throws(JournalError) -> InstanceRow? {
        try access { _, statements in try statements.instanceByID.first(InstanceRow.self, .text(id.value)) }
    }

    package func instance(key: InstanceKey) throws(JournalError) -> InstanceRow? {
        try access { _, statements in try statements.instanceByKey.first(InstanceRow.self, .number(key)) }
    }

    package func instances(after cursor: InstanceKey, limit: Int) throws(JournalError) -> [InstanceRow] {
        try access { _, statements in
            try statements.instancesAfter.all(InstanceRow.self, .number(cursor), .integer(Int64(limit)))
        }
    }

    package func instanceCount() throws(JournalError) -> Int64 {
        try access { _, statements in try statements.countInstances.integer() ?? 0 }
    }

    // MARK: History

    package func history(last position: HistoryPosition, first: HistoryPosition) throws(JournalError) -> [HistoryRecord]
    {
        try access { _, statements in
            var turns: [[HistoryRecord]] = []
            var instance: InstanceKey?
            var next = position
            while next != 0 {
                guard let row = try statements.historyAt.first(HistoryRow.self, .number(next)) else {
                    let whose = instance.map { "of instance \($0) " } ?? ""
                    throw Damage("the history \(whose)has no row at position \(next)")
                }
                let owner = instance ?? row.instance
                // Pointers lead back, so a walk always ends.
                guard row.instance == owner, row.previous < row.position else {
                    throw Damage(
                        "the history of instance \(owner) at position \(next) is damaged: its rows do not link up"
                    )
                }
                turns.append(try Self.decode(row))
                instance = owner
                next = next == first ? 0 : row.previous
            }
            return turns.reversed().flatMap { $0 }
        }
    }

    package func historyRow(at position: HistoryPosition) throws(JournalError) -> HistoryRow? {
        try access { _, statements in try statements.historyAt.first(HistoryRow.self, .number(position)) }
    }

    package func historyRows(from position: HistoryPosition, limit: Int) throws(JournalError) -> [HistoryRow] {
        try access { _, statements in
            // The position is the key that the row was found by; anything else in a damaged one is not to be trusted.
            try statements.historyFrom.all(HistoryRow.self, .number(position), .integer(Int64(limit))) { damaged in
                var row = damaged
                row.records = []
                return row
            }
        }
    }

    private static func decode(_ row: HistoryRow) throws -> [HistoryRecord] {
        do {
            return try HistoryCodec.decode(row.records)
        } catch {
            throw Damage("\(row.label) is damaged: \(error)")
        }
    }

    // MARK: Messages

    package func pending(of key: InstanceKey) throws(JournalError) -> [PendingRow] {
        try access { _, statements in try statements.pendingOf.all(PendingRow.self, .number(key)) }
    }

    package func seen(_ key: [UInt8]) throws(JournalError) -> SeenRow? {
        try access { _, statements in try statements.seen.first(SeenRow.self, .blob(key)) }
    }

    package func seen(before time: Timestamp, limit: Int) throws(JournalError) -> [[UInt8]] {
        try access { _, statements in
            // A damaged one is forgotten like any other: its key is what it was found by.
            try statements.seenBefore.all(SeenRow.self, .integer(time.milliseconds), .integer(Int64(limit))) { $0 }
                .map(\.key)
        }
    }
}
