import GRDB
import RepriseEngine

/// Every statement of the journal, prepared once: a turn compiles no SQL.
struct JournalStatements {
    let progress, updateProgress: RowStatement

    let insertHistory, historyAt, historyFrom, deleteHistory: RowStatement

    let updateInstance, upsertInstance, deleteInstance: RowStatement
    let instanceByID, instanceByKey, instancesAfter, countInstances, hiddenInstances, waitingInstances: RowStatement

    let setTimer, clearTimer, clearTimersOf, timers: RowStatement
    let addPending, removePending, removePendingOf, pendingOf: RowStatement
    let addHeld, removeHeld, held: RowStatement
    let addSeen, forgetSeen, seenBefore, seen: RowStatement
    let addInline, removeInline, inline: RowStatement
    let addRetry, removeRetry, retries: RowStatement
    let addCrash, clearCrash, crashes: RowStatement

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

        setTimer = try prepare(TimerRow.upsert(by: "instance, task"))
        clearTimer = try prepare("DELETE FROM timers WHERE instance = ? AND task = ? AND due = ?")
        clearTimersOf = try prepare("DELETE FROM timers WHERE instance = ?")
        timers = try prepare(TimerRow.select("ORDER BY instance, task"))

        addPending = try prepare(PendingRow.insert)
        removePending = try prepare("DELETE FROM pending WHERE position = ?")
        removePendingOf = try prepare("DELETE FROM pending WHERE instance = ?")
        pendingOf = try prepare(PendingRow.select("WHERE instance = ? ORDER BY position"))

        addHeld = try prepare(HeldRow.insert)
        removeHeld = try prepare("DELETE FROM held WHERE position = ?")
        held = try prepare(HeldRow.select("ORDER BY position"))

        addSeen = try prepare(SeenRow.upsert(by: "key"))
        forgetSeen = try prepare("DELETE FROM seen WHERE key = ?")
        seenBefore = try prepare(SeenRow.select("WHERE time < ? ORDER BY time, key LIMIT ?"))
        seen = try prepare(SeenRow.select("WHERE key = ?"))

        addInline = try prepare(InlineRow.insert)
        removeInline = try prepare("DELETE FROM inline WHERE number = ?")
        inline = try prepare(InlineRow.select("ORDER BY number"))

        addRetry = try prepare(RetryRow.upsert(by: "number"))
        removeRetry = try prepare("DELETE FROM retries WHERE number = ?")
        retries = try prepare(RetryRow.select("ORDER BY number"))

        addCrash = try prepare(CrashRow.upsert(by: "instance"))
        clearCrash = try prepare("DELETE FROM crashes WHERE instance = ?")
        crashes = try prepare(CrashRow.select("ORDER BY instance"))
    }
}
