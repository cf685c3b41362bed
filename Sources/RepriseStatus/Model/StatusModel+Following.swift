import GRDB
package import RepriseKernel

/// The effect of a batch of messages.
package struct AppliedBatch: Equatable, Sendable {
    package var changed: Set<InstanceID> = []
    /// Partitions with a gap, or whose owner seems to have changed: to be compared with the partition itself.
    package var doubtful: Set<PartitionNumber> = []
    /// Messages that no partition of this hub can have sent.
    package var foreign = 0
}

extension StatusModel {
    /// Merges a batch of messages, in any order, in one transaction.
    package func apply(_ batch: [StatusMessage]) async throws -> AppliedBatch {
        let count = partitionCount
        let kept = keptChanges
        let (applied, fresh) = try await pool.write { db in
            try Self.apply(batch, partitionCount: count, keeping: kept, to: db)
        }
        for message in fresh { rate.count(message) }
        notifier.notify(applied.changed)
        return applied
    }

    /// - Returns: the effect, and the messages that were not known before.
    private static func apply(
        _ batch: [StatusMessage],
        partitionCount: Int,
        keeping kept: TimelineRetention,
        to db: Database
    ) throws -> (AppliedBatch, fresh: [StatusMessage]) {
        var result = AppliedBatch()
        var heard: [StatusMessage] = []
        var byPartition = [[StatusMessage]](repeating: [], count: partitionCount)
        for message in batch {
            guard message.partition == PartitionNumber(of: message.instance, count: partitionCount) else {
                result.foreign += 1
                continue
            }
            byPartition[message.partition.value].append(message)
        }
        for (number, messages) in byPartition.enumerated() where !messages.isEmpty {
            var position = try AppliedPosition.load(PartitionNumber(number), from: db)
            var records: [InstanceID: StatusRecord] = [:]
            var fresh: [StatusMessage] = []
            var begunAnew: Set<InstanceID> = []
            let epoch = position.epoch
            for message in messages.sorted(by: { $0.sequence < $1.sequence }) {
                switch position.admit(sequence: message.sequence, epoch: message.epoch) {
                case .known: continue
                case .stale: result.doubtful.insert(position.partition)
                case .new:
                    let known = try records[message.instance] ?? StatusRecord.load(message.instance, from: db)
                    let merged = known?.merging(message) ?? StatusRecord(message)
                    if let known, merged.incarnation != known.incarnation || merged.isPurged {
                        begunAnew.insert(message.instance)
                    }
                    records[message.instance] = merged
                    fresh.append(message)
                }
            }
            if position.run != nil || (epoch != 0 && position.epoch != epoch) {
                result.doubtful.insert(position.partition)
            }
            if position.epoch > epoch { try forgetProgress(of: position.partition, before: position.epoch, in: db) }
            for (instance, record) in records {
                try record.save(to: db, sweep: 0)
                try forgetProgress(of: record, in: db)
                result.changed.insert(instance)
            }
            for instance in begunAnew {
                guard let record = records[instance] else { continue }
                try ChangeRow.deleteFormer(of: instance, record, from: db)
            }
            try note(fresh, records, keeping: kept, in: db)
            heard += fresh
            try position.insert(into: db)
            try dropTombstones(position, from: db)
            try ChangeRow.dropPurges(position, keeping: kept.purges, from: db)
        }
        return (result, heard)
    }

    /// Adds the messages to the timelines of their instances.
    private static func note(
        _ fresh: [StatusMessage],
        _ records: [InstanceID: StatusRecord],
        keeping kept: TimelineRetention,
        in db: Database
    ) throws {
        for message in fresh {
            if message.kind == .purged { try ChangeRow.insertPurge(message, into: db) }
            guard let record = records[message.instance], !record.isPurged,
                record.incarnation == message.incarnation, message.kind != .purged
            else { continue }
            try ChangeRow.insert(message, sequence: message.sequence, into: db)
            try ChangeRow.trim(message, to: message.instance.isEntity ? kept.ofEntity : kept.ofInstance, in: db)
        }
    }

    /// Up to `applied` nothing can come again, so nothing can be resurrected.
    private static func dropTombstones(_ position: AppliedPosition, from db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "DELETE FROM instances WHERE purged = 1 AND partition = ? AND sequence <= ?"
        )
        try statement.execute(arguments: [position.partition.value, position.applied])
    }

    // MARK: Sweeping a partition

    /// - Returns: the number of the sweep.
    func beginSweep(of partition: PartitionNumber) async throws -> Int64 {
        try await change(partition) { position, _ in position.beginSweep() }
    }

    func merge(_ page: InstancePage, of partition: PartitionNumber, sweep: Int64) async throws
        -> AppliedPosition.PageVerdict
    {
        let count = partitionCount
        let (verdict, changed) = try await pool.write { db in
            let verdict = try AppliedPosition.load(partition, from: db).judge(pageAt: page.sequence)
            var changed: Set<InstanceID> = []
            guard verdict == .merge else { return (verdict, changed) }
            for status in page.statuses where PartitionNumber(of: status.instance, count: count) == partition {
                let known = try StatusRecord.load(status.instance, from: db)
                let merged = known?.merging(status) ?? StatusRecord(status)
                if merged != known { changed.insert(status.instance) }
                try merged.save(to: db, sweep: sweep)
                try Self.forgetProgress(of: merged, in: db)
            }
            return (verdict, changed)
        }
        notifier.notify(changed)
        return verdict
    }

    /// Deletes what the partition no longer has.
    ///
    /// - Returns: how many rows were deleted, and whether nothing is missing now.
    func endSweep(_ sweep: Int64, of partition: PartitionNumber, at sequence: StatusSequenceNumber) async throws
        -> (removed: Int, isWhole: Bool)
    {
        try await change(partition) { position, db in
            let isWhole = position.endSweep(at: sequence)
            try db.execute(
                sql: "DELETE FROM instances WHERE partition = ? AND purged = 0 AND sweep <> ? AND sequence <= ?",
                arguments: [partition.value, sweep, sequence]
            )
            let removed = db.changesCount
            try Self.dropTombstones(position, from: db)
            try StatusIndex.sample(db)
            return (removed, isWhole)
        }
    }

    /// Forgets the partition: its journal is a different one, or everything is to be rebuilt.
    func startOver(_ partition: PartitionNumber) async throws {
        try await change(partition) { position, db in
            position.startOver()
            try db.execute(sql: "DELETE FROM instances WHERE partition = ?", arguments: [partition.value])
            try db.execute(sql: "DELETE FROM activity_progress WHERE partition = ?", arguments: [partition.value])
        }
    }

    func note(_ partition: PartitionNumber, known: StatusSequenceNumber, journal: JournalID) async throws {
        try await change(partition) { position, _ in
            position.known = max(known, position.applied)
            position.journal = journal
        }
    }

    private func change<Value: Sendable>(
        _ partition: PartitionNumber,
        _ body: @escaping @Sendable (inout AppliedPosition, Database) throws -> Value
    ) async throws -> Value {
        try await pool.write { db in
            var position = try AppliedPosition.load(partition, from: db)
            let value = try body(&position, db)
            try position.insert(into: db)
            return value
        }
    }
}
