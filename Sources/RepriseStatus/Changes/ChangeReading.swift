import GRDB
package import RepriseKernel

/// Reads what instances have said, each line with what was in force.
enum ChangeReading {
    /// Outputs are selected only for what ends with them; inputs, which any change of the instance would repeat, only
    /// where somebody asks about them.
    private static func columns(inputs: Bool) -> String {
        """
        c.id, c.incarnation, c.version, c.kind, c.time, c.partition, c.sequence, c.failure, \
        l.kind, s.payload, i.name, i.created, i.runtime_status, \
        CASE WHEN l.kind IN ('OrchestrationCompleted', 'OrchestrationTerminated') THEN i.output END, \
        \(inputs ? "i.input" : "NULL"), i.orchestrator_version, i.parent, i.start_time, i.tags
        """
    }
    /// A page ends early when it holds more: custom statuses and outputs may be large, and so may their number.
    private static let pageBytes = 4 << 20

    private static let tables = """
        changes AS c JOIN instances AS i ON i.id = c.id \
        LEFT JOIN changes AS l ON l.id = c.id AND l.incarnation = c.incarnation AND l.version = c.lifecycle \
        LEFT JOIN changes AS s ON s.id = c.id AND s.incarnation = c.incarnation AND s.version = c.custom_status
        """

    /// - Returns: the changes, and whether there are more.
    static func changes(of record: StatusRecord, after version: Int64, limit: Int, from db: Database) throws
        -> (changes: [StatusChange], isCut: Bool)
    {
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(columns(inputs: false)) FROM \(tables)
                WHERE c.id = ? AND c.incarnation = ? AND c.version > ? ORDER BY c.version LIMIT ?
                """
        )
        let rows = try Row.fetchCursor(
            statement,
            arguments: [record.instance.value, record.incarnation, version, limit + 1]
        )
        var changes: [StatusChange] = []
        var bytes = 0
        while let row = try rows.next() {
            guard changes.count < limit, bytes <= pageBytes else { return (changes, true) }
            changes.append(try change(row: row, input: record.input.value))
            bytes += changes.last?.bytes ?? 0
        }
        return (changes, false)
    }

    /// The last one that was there at a version, or by a time.
    static func change(of record: StatusRecord, _ moment: TimelineMoment, from db: Database) throws -> StatusChange? {
        let (condition, value) =
            switch moment {
            case .version(let version): ("c.version <= ?", version)
            case .time(let time): ("c.time <= ?", time.milliseconds)
            }
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(columns(inputs: false)) FROM \(tables)
                WHERE c.id = ? AND c.incarnation = ? AND \(condition) ORDER BY c.version DESC LIMIT 1
                """
        )
        return try Row.fetchOne(statement, arguments: [record.instance.value, record.incarnation, value])
            .map { try change(row: $0, input: record.input.value) }
    }

    /// What a partition's instances have said after a sequence, purges included.
    static func changes(
        of partition: PartitionNumber,
        in sequences: ClosedRange<StatusSequenceNumber>,
        limit: Int,
        includingInputs: Bool,
        from db: Database
    ) throws -> [(sequence: StatusSequenceNumber, change: StatusChange)] {
        let bounds: StatementArguments = [partition.value, sequences.lowerBound, sequences.upperBound, limit]
        let said = try db.cachedStatement(
            sql: """
                SELECT \(columns(inputs: includingInputs)) FROM \(tables)
                WHERE c.partition = ? AND c.sequence BETWEEN ? AND ? ORDER BY c.sequence LIMIT ?
                """
        )
        let purged = try db.cachedStatement(
            sql: """
                SELECT id, name, incarnation, version, created, time, sequence FROM purges
                WHERE partition = ? AND sequence BETWEEN ? AND ? ORDER BY sequence LIMIT ?
                """
        )
        var lines: [(sequence: StatusSequenceNumber, change: StatusChange)] = []
        var bytes = 0
        var end = sequences.upperBound
        let rows = try Row.fetchCursor(said, arguments: bounds)
        while let row = try rows.next() {
            guard bytes <= pageBytes else {
                // What was purged behind it waits for the next page too.
                end = lines.last?.sequence ?? end
                break
            }
            let change = try change(row: row, input: Payload(column: row[14]))
            lines.append((row[6], change))
            bytes += change.bytes + (includingInputs ? change.status.input.bytes.count : 0)
        }
        for row in try Row.fetchAll(purged, arguments: bounds) where (row[6] as StatusSequenceNumber) <= end {
            lines.append((row[6], purge(row: row, partition)))
        }
        return lines.sorted { $0.sequence < $1.sequence }.prefix(limit).map { $0 }
    }

    private static func change(row: Row, input: Payload) throws -> StatusChange {
        guard let kind = StatusMessage.Kind(rawValue: row[3]) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "unknown kind of change '\(row[3] as String)'")
        }
        let lifecycle = (row[8] as String?).flatMap { StatusMessage.Kind(rawValue: $0) }
        let runtimeStatus = lifecycle?.runtimeStatus ?? .running
        let failure = try StoredFailure.decode(row[7])
        var output = Payload.null
        if let failure {
            output = .string(failure.description)
        } else if runtimeStatus.isEnded, runtimeStatus.rawValue == row[12] {
            output = Payload(column: row[13])
        }
        return StatusChange(
            kind: kind,
            status: InstanceStatus(
                instance: InstanceID(trusted: row[0]),
                name: row[10],
                incarnation: row[1],
                version: row[2],
                runtimeStatus: runtimeStatus,
                input: input,
                customStatus: Payload(column: row[9]),
                output: output,
                failure: failure,
                createdTime: Timestamp(milliseconds: row[11]),
                lastUpdatedTime: Timestamp(milliseconds: row[4]),
                partition: PartitionNumber(row[5]),
                sequence: row[6] ?? 0,
                traits: InstanceTraits(
                    version: row[15],
                    tags: try StoredTags.decode(row[18]),
                    parent: (row[16] as String?).map(InstanceID.init(trusted:)),
                    startTime: (row[17] as Int64?).map(Timestamp.init(milliseconds:))
                )
            )
        )
    }

    private static func purge(row: Row, _ partition: PartitionNumber) -> StatusChange {
        StatusChange(
            kind: .purged,
            status: InstanceStatus(
                instance: InstanceID(trusted: row[0]),
                name: row[1],
                incarnation: row[2],
                version: row[3],
                runtimeStatus: .completed,
                input: .null,
                customStatus: .null,
                output: .null,
                failure: nil,
                createdTime: Timestamp(milliseconds: row[4]),
                lastUpdatedTime: Timestamp(milliseconds: row[5]),
                partition: partition,
                sequence: row[6]
            )
        )
    }
}

extension StatusChange {
    /// What it takes in memory, without what it shares with the instance's other changes.
    fileprivate var bytes: Int { status.customStatus.bytes.count + status.output.bytes.count + 300 }
}

/// Where in an instance's timeline somebody wants to look.
package enum TimelineMoment: Equatable, Sendable {
    case version(Int64)
    case time(Timestamp)
}
