import GRDB
import RepriseKernel

/// How changes are stored in the table.
enum ChangeRow {
    /// Stores one message. The instance's own row must exist.
    static func insert(_ message: StatusMessage, sequence: StatusSequenceNumber?, into db: Database) throws {
        let before = try neighbor(of: message, from: db)
        let changesLifecycle = message.kind.runtimeStatus != nil
        let setsStatus = message.kind == .customStatusSet || message.kind == .entityChanged
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO changes (id, incarnation, version, kind, time, lifecycle, custom_status, partition, sequence,
                    payload, failure)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                """
        )
        try statement.execute(arguments: [
            message.instance.value, message.incarnation, message.version, message.kind.rawValue,
            message.time.milliseconds, changesLifecycle ? message.version : before.lifecycle,
            setsStatus ? message.version : before.customStatus, message.partition.value, sequence,
            message.kind.keepsPayload && !message.payload.isNull ? message.payload.text : nil,
            try message.failure.map(StoredFailure.encode),
        ])
        guard before.isLate else { return }
        if changesLifecycle { try hold(message, "lifecycle", in: db) }
        if setsStatus { try hold(message, "custom_status", in: db) }
    }

    /// What was in force before a message, and whether later ones came first.
    private static func neighbor(of message: StatusMessage, from db: Database) throws
        -> (lifecycle: Int64, customStatus: Int64, isLate: Bool)
    {
        let last = try db.cachedStatement(
            sql: """
                SELECT version, lifecycle, custom_status FROM changes WHERE id = ? AND incarnation = ?
                ORDER BY version DESC LIMIT 1
                """
        )
        guard let row = try Row.fetchOne(last, arguments: [message.instance.value, message.incarnation]) else {
            return (0, 0, false)
        }
        if row[0] < message.version { return (row[1], row[2], false) }
        let before = try db.cachedStatement(
            sql: """
                SELECT lifecycle, custom_status FROM changes WHERE id = ? AND incarnation = ? AND version < ?
                ORDER BY version DESC LIMIT 1
                """
        )
        let found = try Row.fetchOne(before, arguments: [message.instance.value, message.incarnation, message.version])
        return (found?[0] ?? 0, found?[1] ?? 0, true)
    }

    /// A late message applies from its version on, up to the next of its kind.
    private static func hold(_ message: StatusMessage, _ column: String, in db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE changes SET \(column) = :version
                WHERE id = :id AND incarnation = :incarnation AND version > :version AND \(column) < :version
                """
        )
        try statement.execute(arguments: [
            "id": message.instance.value, "incarnation": message.incarnation, "version": message.version,
        ])
    }

    // MARK: Forgetting

    /// Deletes the changes of earlier incarnations, and those of a purged one itself.
    static func deleteFormer(of instance: InstanceID, _ record: StatusRecord, from db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "DELETE FROM changes WHERE id = ? AND incarnation \(record.isPurged ? "<=" : "<") ?"
        )
        try statement.execute(arguments: [instance.value, record.incarnation])
    }

    /// Keeps the newest `limit` versions, and what was in force with the oldest of them.
    static func trim(_ message: StatusMessage, to limit: Int64, in db: Database) throws {
        // Not every time: the oldest few may stay a little longer.
        guard message.version > limit, message.version % (limit / 40 + 1) == 0 else { return }
        let statement = try db.cachedStatement(
            sql: """
                WITH oldest AS (
                    SELECT lifecycle, custom_status FROM changes WHERE id = :id AND incarnation = :incarnation AND version > :version
                    ORDER BY version LIMIT 1
                )
                DELETE FROM changes WHERE id = :id AND incarnation = :incarnation AND version <= :version
                    AND version NOT IN (SELECT lifecycle FROM oldest UNION SELECT custom_status FROM oldest)
                """
        )
        try statement.execute(arguments: [
            "id": message.instance.value, "incarnation": message.incarnation, "version": message.version - limit,
        ])
    }

    // MARK: Purges

    /// A purge removes the timeline, but is itself reported for a while.
    static func insertPurge(_ message: StatusMessage, into db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO purges (partition, sequence, id, name, incarnation, version, created, time)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                """
        )
        try statement.execute(arguments: [
            message.partition.value, message.sequence, message.instance.value, message.name, message.incarnation,
            message.version, message.createdTime.milliseconds, message.time.milliseconds,
        ])
    }

    static func dropPurges(_ position: AppliedPosition, keeping count: Int64, from db: Database) throws {
        let statement = try db.cachedStatement(sql: "DELETE FROM purges WHERE partition = ? AND sequence <= ?")
        try statement.execute(arguments: [position.partition.value, position.applied.advanced(by: -count)])
    }
}

extension StatusMessage.Kind {
    /// Inputs and outputs are in the instance's own row.
    fileprivate var keepsPayload: Bool {
        switch self {
        case .customStatusSet, .entityChanged, .cancelRequested, .suspended, .resumed, .rewound: true
        case .scheduled, .started, .completed, .failed, .canceled, .terminated, .continuedAsNew, .purged: false
        }
    }
}
