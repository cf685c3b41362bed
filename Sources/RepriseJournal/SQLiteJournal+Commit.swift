import GRDB
import GRDBSQLite
package import RepriseEngine
import RepriseKernel

extension SQLiteJournal {
    package func commit(
        _ commit: JournalCommit,
        append: ((JournalChanges) throws(JournalError) -> Void)? = nil
    ) throws(JournalError) {
        var refusal: JournalError?
        do {
            try access { database, statements in
                try database.inTransaction(.immediate) {
                    guard let append else {
                        try Self.write(commit, statements)
                        return .commit
                    }
                    let recorder = try ChangeRecorder(database)
                    try Self.write(commit, statements)
                    let changes = try recorder.changes()
                    // Into the write-ahead log, where it does not count yet: a full disk is noticed before the log has
                    // a commit that the disk cannot take. One page and the sync are left for COMMIT.
                    let code = sqlite3_db_cacheflush(database.sqliteConnection)
                    guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
                    do throws(JournalError) { try append(changes) } catch { refusal = error }
                    return refusal == nil ? .commit : .rollback
                }
            }
        } catch  where error.code == .damaged {
            // Damage found while writing is not limited to one instance: the partition must stop.
            throw fail(error)
        }
        // The log refused, not the disk: the journal is unchanged, and continues.
        if let refusal { throw refusal }
        noteCommit(commit.head.commit)
    }

    private static func write(_ commit: JournalCommit, _ statements: JournalStatements) throws {
        guard try statements.updateProgress.write(commit.head) == 1 else {
            let stored = try statements.progress.first(JournalHead.self)?.commit ?? 0
            throw JournalError(
                .failed,
                "commit \(commit.head.commit) does not follow commit \(stored): another process has written to the file"
            )
        }

        for row in commit.history { try statements.insertHistory.write(row) }

        // Hidden ones first: an id may pass to its next incarnation in the same batch.
        for row in commit.instances where row.hiddenThrough != nil { try write(row, statements) }
        for row in commit.instances where row.hiddenThrough == nil { try write(row, statements) }
        for key in commit.deletedInstances { try delete(key, statements) }
        for former in commit.deletedHistory { try deleteHistory(of: former.instance, last: former.last, statements) }

        try statements.tables.write(commit)
    }

    private static func write(_ row: InstanceRow, _ statements: JournalStatements) throws {
        if try statements.updateInstance.write(row) == 0 { try statements.upsertInstance.write(row) }
    }

    /// Deletes the row and everything that belongs to it. A damaged chain is followed as far as it is the instance's:
    /// the rest stays as unreachable rows rather than blocking every later commit.
    private static func delete(_ key: InstanceKey, _ statements: JournalStatements) throws {
        let last = HistoryPosition(rawValue: try statements.deleteInstance.integer(.number(key)) ?? 0)
        try deleteHistory(of: key, last: last, statements)
        try statements.clearTimersOf.run(.number(key))
        try statements.removePendingOf.run(.number(key))
    }

    private static func deleteHistory(of key: InstanceKey, last: HistoryPosition, _ statements: JournalStatements)
        throws
    {
        var position = last
        while position > 0 {
            position = HistoryPosition(
                rawValue: try statements.deleteHistory.integer(.number(position), .number(key)) ?? 0
            )
        }
    }

    // MARK: The write-ahead log

    /// How large the log may grow before it is folded back while there is work.
    static let logBytes = 16 << 20

    package func tidy(idle: Bool) throws(JournalError) {
        try access { database, _ in
            let connection = database.sqliteConnection
            let pages = Int(Self.pagesLogged(connection, reset: false))
            guard idle ? pages > 0 : pages * Self.pageSize >= Self.logBytes else { return }
            // A reader may be using the log; then it is done another time. Waiting would stop the partition.
            sqlite3_busy_timeout(connection, 0)
            defer { sqlite3_busy_timeout(connection, Self.busyMilliseconds) }
            do {
                try database.checkpoint(idle ? .truncate : .passive)
            } catch DatabaseError.SQLITE_BUSY {
                if idle { return }
            }
            _ = Self.pagesLogged(connection, reset: true)
        }
    }

    /// Pages that went to the log since the last reset, as SQLite counts them.
    private static func pagesLogged(_ connection: OpaquePointer?, reset: Bool) -> Int32 {
        var current: Int32 = 0
        var highest: Int32 = 0
        sqlite3_db_status(connection, SQLITE_DBSTATUS_CACHE_WRITE, &current, &highest, reset ? 1 : 0)
        return current
    }
}
