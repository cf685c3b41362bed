import CSQLiteSession
import GRDB
import RepriseEngine

/// Records what one transaction changes, from its creation until its release.
///
/// One for each commit: SQLite has no way to empty a session, and making one costs less than what it then records.
struct ChangeRecorder: ~Copyable {
    private let database: Database
    private let session: OpaquePointer

    init(_ database: Database, _ tables: [StaticString] = JournalSchema.tables) throws {
        var session: OpaquePointer?
        let code = tables.withNames { session_begin(database.sqliteConnection, $0, $1, &session) }
        guard code == 0, let session else { throw Self.error(code, database) }
        self.database = database
        self.session = session
    }

    deinit { session_end(session) }

    /// The changes since then.
    func changes() throws -> JournalChanges {
        var bytes: UnsafeMutableRawPointer?
        var size = 0
        var rows: Int64 = 0
        let code = session_changes(session, &bytes, &size, &rows)
        defer { session_free(bytes) }
        guard code == 0 else { throw Self.error(code, database) }
        return JournalChanges(
            rows: Int(rows),
            bytes: Array(UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : size))
        )
    }

    private static func error(_ code: Int32, _ database: Database) -> DatabaseError {
        DatabaseError(resultCode: ResultCode(rawValue: code), message: "what a commit changes could not be recorded")
    }
}

extension JournalChanges {
    /// Makes these changes, each to a row exactly as it was where they were recorded.
    ///
    /// - Throws: ``Misfit`` when they do not fit; the caller rolls back.
    func apply(to database: Database) throws {
        var outcome = session_outcome()
        let code = bytes.withUnsafeBytes { bytes in
            JournalSchema.tables.withNames {
                session_apply(database.sqliteConnection, $0, $1, bytes.baseAddress, bytes.count, &outcome)
            }
        }
        guard outcome.conflicts == 0 else { throw Misfit("a row differs from what it was where the commit was made") }
        guard outcome.strangers == 0 else { throw Misfit("it changes a table that is not one of the journal's") }
        switch ResultCode(rawValue: code).primaryResultCode {
        case .SQLITE_OK: break
        case .SQLITE_ABORT, .SQLITE_CORRUPT, .SQLITE_CONSTRAINT, .SQLITE_SCHEMA, .SQLITE_TOOBIG:
            throw Misfit("its changes cannot be read (\(code))")
        default:
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: "changes could not be applied")
        }
        guard outcome.applied == rows else {
            throw Misfit("\(outcome.applied) of its \(rows) changes could be made")
        }
    }

    /// Why changes do not fit this journal.
    struct Misfit: Error {
        let message: String
        init(_ message: String) { self.message = message }
    }
}

extension [StaticString] {
    /// The names as C takes them.
    fileprivate func withNames<T>(_ body: (UnsafePointer<UnsafePointer<CChar>?>, Int) -> T) -> T {
        let names: [UnsafePointer<CChar>?] = map { UnsafeRawPointer($0.utf8Start).assumingMemoryBound(to: CChar.self) }
        return body(names, names.count)
    }
}
