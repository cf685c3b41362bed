import Foundation
import GRDB
import RepriseKernel

/// How a record is stored in the table.
extension StatusRecord {
    private enum Columns: Int, QueryColumns {
        case id, partition, sequence, purged, name, incarnation, version, runtimeStatus, lifecycleVersion
        case customStatusVersion, inputVersion, created, lastUpdated, customStatus, failure, output, input
        case traitsVersion, orchestratorVersion, parent, startTime, tags
    }

    static let columns = Columns.list()
    /// The same columns, for readers that do not want the large ones.
    static let columnsWithoutInput = Columns.list(without: [.input])
    static let columnsWithoutPayloads = Columns.list(without: [.output, .input])
    static let columnsWithoutState = Columns.list(without: [.customStatus])

    /// Reads a row selected as ``columns``; throws for a status this release does not know.
    init(row: Row) throws {
        let row = QueryRow<Columns>(row)
        let text: String = row[.runtimeStatus]
        guard let status = RuntimeStatus(rawValue: text) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "unknown runtime status '\(text)'")
        }
        self.init(
            instance: InstanceID(trusted: row[.id]),
            partition: PartitionNumber(row[.partition]),
            name: row[.name],
            incarnation: row[.incarnation],
            version: row[.version],
            lifecycle: Lifecycle(
                runtimeStatus: status,
                output: Payload(column: row[.output]),
                failure: try StoredFailure.decode(row[.failure]),
                version: row[.lifecycleVersion]
            ),
            customStatus: Versioned(value: Payload(column: row[.customStatus]), version: row[.customStatusVersion]),
            input: Versioned(value: Payload(column: row[.input]), version: row[.inputVersion]),
            traits: InstanceTraits(
                version: row[.orchestratorVersion],
                tags: try StoredTags.decode(row[.tags]),
                parent: (row[.parent] as String?).map(InstanceID.init(trusted:)),
                startTime: (row[.startTime] as Int64?).map(Timestamp.init(milliseconds:))
            ),
            traitsVersion: row[.traitsVersion],
            createdTime: Timestamp(milliseconds: row[.created]),
            lastUpdatedTime: Timestamp(milliseconds: row[.lastUpdated]),
            sequence: row[.sequence],
            isPurged: row[.purged]
        )
    }

    private static let upsert = """
        INSERT INTO instances (\(columns), entity, sweep) VALUES (\(Columns.placeholders), ?, ?)
        ON CONFLICT (id) DO UPDATE SET
            \(Columns.allCases.dropFirst().map { "\($0.sql) = excluded.\($0.sql)" }.joined(separator: ", ")),
            sweep = max(instances.sweep, excluded.sweep)
        """

    /// - Parameter sweep: the number of the sweep that saw it; 0 for a live message.
    func save(to db: Database, sweep: Int64) throws {
        let statement = try db.cachedStatement(sql: Self.upsert)
        try statement.execute(arguments: [
            instance.value, partition.value, sequence, isPurged ? 1 : 0, name, incarnation, version,
            runtimeStatus.rawValue, lifecycle.version, customStatus.version, input.version,
            createdTime.milliseconds, lastUpdatedTime.milliseconds, customStatus.value.column,
            try lifecycle.failure.map(StoredFailure.encode), lifecycle.output.column, input.value.column,
            traitsVersion, traits.version, traits.parent?.value, traits.startTime?.milliseconds,
            try StoredTags.encode(traits.tags), instance.isEntity ? 1 : 0, sweep,
        ])
    }

    static func load(_ instance: InstanceID, from db: Database) throws -> StatusRecord? {
        let statement = try db.cachedStatement(sql: "SELECT \(columns) FROM instances WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [instance.value]).map(StatusRecord.init(row:))
    }
}

extension Payload {
    /// Null is stored as SQL's own; everything else as its text, so that SQL can look into it.
    fileprivate var column: String? { isNull ? nil : text }

    init(column: String?) {
        self = column.map { Payload(trusted: Array($0.utf8)) } ?? .null
    }
}

extension AppliedPosition {
    private enum Columns: Int, QueryColumns {
        case partition, applied, runStart, runEnd, epoch, known, journal, sweep
    }

    private static let columns = Columns.list()

    private init(row: Row) {
        let row = QueryRow<Columns>(row)
        self.init(partition: PartitionNumber(row[.partition]))
        applied = row[.applied]
        if let lower: StatusSequenceNumber = row[.runStart], let upper: StatusSequenceNumber = row[.runEnd],
            lower <= upper
        {
            run = lower...upper
        }
        epoch = Epoch(rawValue: row[.epoch])
        known = row[.known]
        journal = (row[.journal] as String?).map { JournalID(rawValue: $0) }
        sweep = row[.sweep]
    }

    static func load(_ partition: PartitionNumber, from db: Database) throws -> AppliedPosition {
        let statement = try db.cachedStatement(sql: "SELECT \(columns) FROM partitions WHERE partition = ?")
        return try Row.fetchOne(statement, arguments: [partition.value]).map(AppliedPosition.init(row:))
            ?? AppliedPosition(partition: partition)
    }

    static func all(from db: Database) throws -> [AppliedPosition] {
        try Row.fetchAll(db, sql: "SELECT \(columns) FROM partitions ORDER BY partition")
            .map(AppliedPosition.init(row:))
    }

    func insert(into db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO partitions (\(Self.columns)) VALUES (\(Columns.placeholders))"
        )
        try statement.execute(arguments: [
            partition.value, applied, run?.lowerBound, run?.upperBound, epoch.rawValue, known, journal?.rawValue, sweep,
        ])
    }
}

/// Tags as a JSON object, for a column that SQL can look into; without tags, null.
enum StoredTags {
    static func encode(_ tags: [String: String]) throws -> String? {
        guard !tags.isEmpty else { return nil }
        let encoder = JSONEncoder()
        // Names without escapes are what a path finds.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(tags), as: UTF8.self)
    }

    static func decode(_ column: String?) throws -> [String: String] {
        guard let column else { return [:] }
        return try JSONDecoder().decode([String: String].self, from: Data(column.utf8))
    }
}

/// A failure as JSON, for a column that SQL can look into.
struct StoredFailure: Codable {
    var type: String
    var message: String
    var details: String?
    var isNonRetriable: Bool?
    var causes: [StoredFailure]?

    private init(_ failure: Failure) {
        type = failure.type
        message = failure.message
        details = failure.details
        isNonRetriable = failure.isNonRetriable ? true : nil
        causes = failure.cause.map { [StoredFailure($0)] }
    }

    private var failure: Failure {
        Failure(
            type: type,
            message: message,
            details: details,
            isNonRetriable: isNonRetriable ?? false,
            cause: causes?.first?.failure
        )
    }

    static func encode(_ failure: Failure) throws -> String {
        String(decoding: try JSONEncoder().encode(StoredFailure(failure)), as: UTF8.self)
    }

    static func decode(_ column: String?) throws -> Failure? {
        guard let column else { return nil }
        return try JSONDecoder().decode(StoredFailure.self, from: Data(column.utf8)).failure
    }
}
