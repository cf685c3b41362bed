import GRDB
package import RepriseKernel

/// The timelines of instances.
extension StatusModel {
    /// An instance's timeline after a version of this incarnation; for another incarnation it starts over at version 1.
    ///
    /// - Returns: nil when the model does not know the instance.
    package func timeline(
        of instance: InstanceID,
        incarnation: Incarnation? = nil,
        after version: Int64,
        limit: Int
    ) async throws -> StatusTimeline? {
        try await pool.read { db in
            guard let record = try StatusRecord.load(instance, from: db), !record.isPurged else { return nil }
            let after = incarnation.map { $0 == record.incarnation } ?? true ? version : 0
            let page = try ChangeReading.changes(of: record, after: after, limit: limit, from: db)
            return StatusTimeline(current: record.status, changes: page.changes, isCut: page.isCut)
        }
    }

    /// The status of an instance at a moment; nil before its first kept version.
    package func change(of instance: InstanceID, at moment: TimelineMoment) async throws -> StatusChange? {
        try await pool.read { db in
            guard let record = try StatusRecord.load(instance, from: db), !record.isPurged else { return nil }
            return try ChangeReading.change(of: record, moment, from: db)
        }
    }

    /// Adds what the partition's history has and the model lacks because it was down, or is new.
    package func fill(_ status: InstanceStatus, from history: [HistoryRecord]) async throws {
        try await pool.write { db in
            guard let record = try StatusRecord.load(status.instance, from: db), !record.isPurged,
                record.incarnation == status.incarnation
            else { return }
            for message in history.compactMap({ $0.message(of: status) }) {
                try ChangeRow.insert(message, sequence: nil, into: db)
            }
        }
    }

    // MARK: Of the whole hub

    /// The position up to which everything has been applied.
    package func streamPosition() async throws -> StreamPosition {
        StreamPosition(sequences: try await appliedPositions().map(\.applied))
    }

    /// The changes of the hub's instances after a position, in the order of each partition, with the position after
    /// each line. Lines of instances purged since are left out; the purge is reported. Inputs are included only on
    /// request: any number of changes may share one.
    package func stream(after position: StreamPosition, limit: Int, includingInputs: Bool = false) async throws
        -> [(position: StreamPosition, change: StatusChange)]
    {
        try await pool.read { db in
            var position = position
            var lines: [(position: StreamPosition, change: StatusChange)] = []
            for reached in try AppliedPosition.all(from: db) {
                let number = reached.partition.value
                let first = position.sequences[number].next
                guard first <= reached.applied, lines.count < limit else { continue }
                let found = try ChangeReading.changes(
                    of: reached.partition,
                    in: first...reached.applied,
                    limit: limit - lines.count,
                    includingInputs: includingInputs,
                    from: db
                )
                for line in found {
                    position.sequences[number] = line.sequence
                    lines.append((position, line.change))
                }
            }
            return lines
        }
    }

    /// Fires whenever anything changes, for as long as it is listened to.
    package func allChanges() -> AsyncStream<Void> { notifier.listenToAll() }
}
