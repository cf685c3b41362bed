import GRDB
import RepriseEngine

/// Every statement of the journal, prepared once: a turn compiles no SQL.
struct JournalStatements {
    let progress, updateProgress: RowStatement

    let insertHistory, historyAt, historyFrom, deleteHistory: RowStatement

    let updateInstance, upsertInstance, deleteInstance: RowStatement
    let instanceByID, instanceByKey, instancesAfter, countInstances, hiddenInstances, waitingInstances: RowStatement

    let tables: RowTables
    let clearTimersOf, removePendingOf, pendingOf, seenBefore, seen: RowStatement

    init(_ database: Database) throws {
        func prepare(_ sql: String) throws -> RowStatement { try RowStatement(database, sql) }

        progress = try prepare(JournalHead.select(""))
        updateProgress = try prepare(
            "UPDATE progress SET \(JournalHead.assignments(but: ["one"])) "
                + "WHERE \(JournalHead.condition("one")) AND \(JournalHead.condition("commitNumber")) - 1"
        )

        insertHistory = try prepare(HistoryRow.insert)
        historyAt = try prepare(HistoryRow.select("WHERE position = ?"))
        historyFrom = try prepare(HistoryRow.select("WHERE position >= ? ORDER BY position LIMIT ?"))
        deleteHistory = try prepare("DELETE FROM history WHERE position = ? AND instance = ? RETURNING previous")

        updateInstance = try prepare(InstanceRow.updateInPlace)
        upsertInstance = try prepare(InstanceRow.upsert(by: "key"))
        deleteInstance = try prepare("DELETE FROM instances WHERE key = ? RETURNING lastPosition")
        instanceByID = try prepare(InstanceRow.select("WHERE id = ? AND hiddenThrough IS NULL"))
        instanceByKey = try prepare(InstanceRow.select("WHERE key = ?"))
        instancesAfter = try prepare(
            InstanceRow.select("WHERE key > ? AND hiddenThrough IS NULL ORDER BY key LIMIT ?")
        )
        countInstances = try prepare("SELECT count(*) FROM instances WHERE hiddenThrough IS NULL")
        hiddenInstances = try prepare(InstanceRow.select("WHERE hiddenThrough IS NOT NULL ORDER BY key"))

        waitingInstances = try prepare(
            InstanceRow.select(
                "WHERE hiddenThrough IS NULL AND runtimeStatus <> 'Failed' AND key IN (SELECT instance FROM pending) ORDER BY key"
            )
        )

        tables = try RowTables(database)
        clearTimersOf = try prepare("DELETE FROM timers WHERE instance = ?")
        removePendingOf = try prepare("DELETE FROM pending WHERE instance = ?")
        pendingOf = try prepare(PendingRow.select("WHERE instance = ? ORDER BY position"))
        seenBefore = try prepare(SeenRow.select("WHERE time < ? ORDER BY time, key LIMIT ?"))
        seen = try prepare(SeenRow.select("WHERE key = ?"))
    }
}
