import GRDB
package import RepriseKernel

/// How far an activity of an instance says it has got.
package struct ActivityProgress: Equatable, Sendable {
    package var activity: String
    package var task: TaskID
    package var attempt: Int
    package var time: Timestamp
    package var value: Payload

    package init(activity: String, task: TaskID, attempt: Int, time: Timestamp, value: Payload) {
        self.activity = activity
        self.task = task
        self.attempt = attempt
        self.time = time
        self.value = value
    }
}

private enum ProgressColumns: Int, QueryColumns {
    case activity, task, attempt, time, value

    static let all = list()
}

/// What is shown beside an instance's status while its activities run.
///
/// A row goes when its task ends, with its instance, and when its partition changes hands: the new owner does not know
/// what was reported to the previous one, and so could not withdraw it.
extension StatusModel {
    /// Keeps the newest report of each task, in the order given.
    package func note(_ progress: [ProgressMessage]) async throws {
        let count = partitionCount
        let changed = try await pool.write { db in
            var changed: Set<InstanceID> = []
            for message in progress where message.partition == PartitionNumber(of: message.instance, count: count) {
                guard try message.epoch >= AppliedPosition.load(message.partition, from: db).epoch else { continue }
                try Self.forgetProgress(of: message.partition, before: message.epoch, in: db)
                try message.save(to: db)
                changed.insert(message.instance)
            }
            return changed
        }
        notifier.notify(changed)
    }

    /// The current progress of an instance's activities, in the order of their tasks.
    package func activityProgress(of instance: InstanceID) async throws -> [ActivityProgress] {
        try await pool.read { db in
            // Only of this incarnation: what an earlier one of the id left behind does not count.
            let statement = try db.cachedStatement(
                sql: """
                    SELECT \(ProgressColumns.all) FROM activity_progress AS said
                    JOIN instances ON instances.id = said.instance AND instances.incarnation = said.incarnation
                    WHERE said.instance = ? ORDER BY task
                    """
            )
            return try Row.fetchAll(statement, arguments: [instance.value]).map { row in
                let row = QueryRow<ProgressColumns>(row)
                return ActivityProgress(
                    activity: row[.activity],
                    task: TaskID(row[.task]),
                    attempt: row[.attempt],
                    time: Timestamp(milliseconds: row[.time]),
                    value: Payload(trusted: Array((row[.value] as String).utf8))
                )
            }
        }
    }

    /// Messages may have been lost, among them that a task has ended.
    package func forgetActivityProgress() async throws {
        try await pool.write { db in try db.execute(sql: "DELETE FROM activity_progress") }
    }

    static func forgetProgress(of partition: PartitionNumber, before epoch: Epoch, in db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM activity_progress WHERE partition = ? AND epoch < ?")
            .execute(arguments: [partition.value, epoch.rawValue])
    }

    /// When an instance ends, so does all its progress.
    static func forgetProgress(of record: StatusRecord, in db: Database) throws {
        guard record.isPurged || record.lifecycle.runtimeStatus.isEnded else { return }
        try db.cachedStatement(sql: "DELETE FROM activity_progress WHERE instance = ? AND incarnation <= ?")
            .execute(arguments: [record.instance.value, record.incarnation])
    }
}

extension ProgressMessage {
    fileprivate func save(to db: Database) throws {
        guard let value else {
            return try db.cachedStatement(
                sql: "DELETE FROM activity_progress WHERE instance = ? AND task = ? AND incarnation = ?"
            ).execute(arguments: [instance.value, task.value, incarnation])
        }
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO activity_progress
                (instance, task, incarnation, partition, epoch, activity, attempt, time, value)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            instance.value, task.value, incarnation, partition.value, epoch.rawValue, activity, attempt,
            time.milliseconds,
            value.text,
        ])
    }
}
