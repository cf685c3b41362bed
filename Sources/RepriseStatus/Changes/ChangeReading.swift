import GRDB
package import RepriseKernel

/// Reads timelines, each line with the status in force at that point.
enum ChangeReading {
    private enum Columns: Int, QueryColumns {
        case id, incarnation, version, kind, time, partition, sequence, failure, lifecycle, customStatus, name, created
        case runtimeStatus, output, input, orchestratorVersion, parent, startTime, tags

        var sql: String {
            switch self {
            case .id: "c.id"
            case .incarnation: "c.incarnation"
            case .version: "c.version"
            case .kind: "c.kind"
            case .time: "c.time"
            case .partition: "c.partition"
            case .sequence: "c.sequence"
            case .failure: "c.failure"
            case .lifecycle: "l.kind"
            case .customStatus: "s.payload"
            case .name: "i.name"
            case .created: "i.created"
            case .runtimeStatus: "i.runtime_status"
            // Only for what ends with it.
            case .output:
                """
                CASE WHEN l.kind IN ('OrchestrationCompleted', 'OrchestrationCanceled', 'OrchestrationTerminated') \
                THEN i.output END
                """
            case .input: "i.input"
            case .orchestratorVersion: "i.orchestrator_version"
            case .parent: "i.parent"
            case .startTime: "i.start_time"
            case .tags: "i.tags"
            }
        }
    }

    private enum PurgeColumns: Int, QueryColumns {
        case id, name, incarnation, version, created, time, sequence
    }

    /// Inputs, which any change of the instance would repeat, are selected only where someone asks about them.
    private static let columns = Columns.list(without: [.input])
    private static let columnsWithInput = Columns.list()
    private static let columnsOfPurges = PurgeColumns.list()
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
                SELECT \(columns) FROM \(tables)
                WHERE c.id = ? AND c.incarnation = ? AND c.version > ? ORDER BY c.version LIMIT ?
                """
        )
        let rows = try Row.fetchCursor(
            statement,
            arguments: [record.instance.value, record.incarnation, version, limit + 1]
        )
        var changes: [StatusChange] = []
        var bytes = 0
        while let row = try rows.next().map(QueryRow<Columns>.init) {
            guard changes.count < limit, bytes <= pageBytes else { return (changes, true) }
            changes.append(try change(row: row, input: record.input.value))
            bytes += changes.last?.bytes ?? 0
        }
        return (changes, false)
    }

    /// The last change at a version, or by a time.
    static func change(of record: StatusRecord, _ moment: TimelineMoment, from db: Database) throws -> StatusChange? {
        let (condition, value) =
            switch moment {
            case .version(let version): ("c.version <= ?", version)
            case .time(let time): ("c.time <= ?", time.milliseconds)
            }
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(columns) FROM \(tables)
                WHERE c.id = ? AND c.incarnation = ? AND \(condition) ORDER BY c.version DESC LIMIT 1
                """
        )
        return try Row.fetchOne(statement, arguments: [record.instance.value, record.incarnation, value])
            .map { try change(row: QueryRow($0), input: record.input.value) }
    }

    /// The changes of a partition's instances after a sequence, purges included.
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
                SELECT \(includingInputs ? columnsWithInput : columns) FROM \(tables)
                WHERE c.partition = ? AND c.sequence BETWEEN ? AND ? ORDER BY c.sequence LIMIT ?
                """
        )
        let purged = try db.cachedStatement(
            sql: """
                SELECT \(columnsOfPurges) FROM purges
                WHERE partition = ? AND sequence BETWEEN ? AND ? ORDER BY sequence LIMIT ?
                """
        )
        var lines: [(sequence: StatusSequenceNumber, change: StatusChange)] = []
        var bytes = 0
        var end = sequences.upperBound
        let rows = try Row.fetchCursor(said, arguments: bounds)
        while let row = try rows.next().map(QueryRow<Columns>.init) {
            guard bytes <= pageBytes else {
                // Purges after it also wait for the next page.
                end = lines.last?.sequence ?? end
                break
            }
            let change = try change(row: row, input: Payload(column: row[.input]))
            lines.append((row[.sequence], change))
            bytes += change.bytes + (includingInputs ? change.status.input.bytes.count : 0)
        }
        for row in try Row.fetchAll(purged, arguments: bounds).map(QueryRow<PurgeColumns>.init) {
            let sequence: StatusSequenceNumber = row[.sequence]
            if sequence <= end { lines.append((sequence, purge(row: row, partition))) }
        }
        return lines.sorted { $0.sequence < $1.sequence }.prefix(limit).map { $0 }
    }

    private static func change(row: QueryRow<Columns>, input: Payload) throws -> StatusChange {
        guard let kind = StatusMessage.Kind(rawValue: row[.kind]) else {
            throw DatabaseError(
                resultCode: .SQLITE_CORRUPT,
                message: "unknown kind of change '\(row[.kind] as String)'"
            )
        }
        let lifecycle = (row[.lifecycle] as String?).flatMap { StatusMessage.Kind(rawValue: $0) }
        let runtimeStatus = lifecycle?.runtimeStatus ?? .running
        let failure = try StoredFailure.decode(row[.failure])
        var output = Payload.null
        if let failure {
            output = .string(failure.description)
        } else if runtimeStatus.isEnded, runtimeStatus.rawValue == row[.runtimeStatus] as String? {
            output = Payload(column: row[.output])
        }
        return StatusChange(
            kind: kind,
            status: InstanceStatus(
                instance: InstanceID(trusted: row[.id]),
                name: row[.name],
                incarnation: row[.incarnation],
                version: row[.version],
                runtimeStatus: runtimeStatus,
                input: input,
                customStatus: Payload(column: row[.customStatus]),
                output: output,
                failure: failure,
                createdTime: Timestamp(milliseconds: row[.created]),
                lastUpdatedTime: Timestamp(milliseconds: row[.time]),
                partition: PartitionNumber(row[.partition]),
                sequence: row[.sequence] ?? 0,
                traits: InstanceTraits(
                    version: row[.orchestratorVersion],
                    tags: try StoredTags.decode(row[.tags]),
                    parent: (row[.parent] as String?).map(InstanceID.init(trusted:)),
                    startTime: (row[.startTime] as Int64?).map(Timestamp.init(milliseconds:))
                )
            )
        )
    }

    private static func purge(row: QueryRow<PurgeColumns>, _ partition: PartitionNumber) -> StatusChange {
        StatusChange(
            kind: .purged,
            status: InstanceStatus(
                instance: InstanceID(trusted: row[.id]),
                name: row[.name],
                incarnation: row[.incarnation],
                version: row[.version],
                runtimeStatus: .completed,
                input: .null,
                customStatus: .null,
                output: .null,
                failure: nil,
                createdTime: Timestamp(milliseconds: row[.created]),
                lastUpdatedTime: Timestamp(milliseconds: row[.time]),
                partition: partition,
                sequence: row[.sequence]
            )
        )
    }
}

extension StatusChange {
    /// Its size in memory, without what it shares with the instance's other changes.
    fileprivate var bytes: Int { status.customStatus.bytes.count + status.output.bytes.count + 300 }
}

/// A point in an instance's timeline.
package enum TimelineMoment: Equatable, Sendable {
    case version(Int64)
    case time(Timestamp)
}
