import Foundation
import GRDB
import RepriseKernel

/// How a record lies in the table.
extension StatusRecord {
    static let columns = """
        id, partition, sequence, purged, name, incarnation, version, runtime_status, lifecycle_version, \
        custom_status_version, input_version, created, last_updated, custom_status, failure, output, input, \
        traits_version, orchestrator_version, parent, start_time, tags
        """
    /// The same columns, for readers that do not want the large ones.
    static let columnsWithoutInput = columns.replacing(", output, input,", with: ", output, NULL,")
    static let columnsWithoutPayloads = columns.replacing(", output, input,", with: ", NULL, NULL,")
    static let columnsWithoutState = columns.replacing(", custom_status, ", with: ", NULL, ")

    /// Reads a row selected as ``columns``; nil for a status this release does not know.
    init(row: Row) throws {
        let text: String = row[7]
        guard let status = RuntimeStatus(rawValue: text) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "unknown runtime status '\(text)'")
        }
        self.init(
            instance: InstanceID(trusted: row[0]),
            partition: PartitionNumber(row[1]),
            name: row[4],
            incarnation: row[5],
            version: row[6],
            lifecycle: Lifecycle(
                runtimeStatus: status,
                output: Payload(column: row[15]),
                failure: try StoredFailure.decode(row[14]),
                version: row[8]
            ),
            customStatus: Versioned(value: Payload(column: row[13]), version: row[9]),
            input: Versioned(value: Payload(column: row[16]), version: row[10]),
            traits: InstanceTraits(
                version: row[18],
                tags: try StoredTags.decode(row[21]),
                parent: (row[19] as String?).map(InstanceID.init(trusted:)),
                startTime: (row[20] as Int64?).map(Timestamp.init(milliseconds:))
            ),
            traitsVersion: row[17],
            createdTime: Timestamp(milliseconds: row[11]),
            lastUpdatedTime: Timestamp(milliseconds: row[12]),
            sequence: row[2],
            isPurged: row[3]
        )
    }

    private static let upsert = """
        INSERT INTO instances (\(columns), entity, sweep)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET
            partition = excluded.partition, sequence = excluded.sequence, purged = excluded.purged,
            name = excluded.name, incarnation = excluded.incarnation, version = excluded.version,
            runtime_status = excluded.runtime_status, lifecycle_version = excluded.lifecycle_version,
            custom_status_version = excluded.custom_status_version, input_version = excluded.input_version,
            created = excluded.created, last_updated = excluded.last_updated, custom_status = excluded.custom_status,
            failure = excluded.failure, output = excluded.output, input = excluded.input,
            traits_version = excluded.traits_version, orchestrator_version = excluded.orchestrator_version,
            parent = excluded.parent, start_time = excluded.start_time, tags = excluded.tags,
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
    /// Null is kept as SQL's own; everything else as the text it is, so that SQL can look into it.
    fileprivate var column: String? { isNull ? nil : text }

    init(column: String?) {
        self = column.map { Payload(trusted: Array($0.utf8)) } ?? .null
    }
}

extension AppliedPosition {
    private static let columns = "partition, applied, run_start, run_end, epoch, known, journal, sweep"

    private init(row: Row) {
        self.init(partition: PartitionNumber(row[0]))
        applied = row[1]
        if let lower: StatusSequenceNumber = row[2], let upper: StatusSequenceNumber = row[3], lower <= upper {
            run = lower...upper
        }
        epoch = Epoch(rawValue: row[4])
        known = row[5]
        journal = (row[6] as String?).map { JournalID(rawValue: $0) }
        sweep = row[7]
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
            sql: "INSERT OR REPLACE INTO partitions (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        )
        try statement.execute(arguments: [
            partition.value, applied, run?.lowerBound, run?.upperBound, epoch.rawValue, known, journal?.rawValue, sweep,
        ])
    }
}

/// Tags as a JSON object, for a column that SQL can look into; no tags are no object.
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
