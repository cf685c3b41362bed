import GRDB
import GRDBSQLite
import RepriseKernel

/// A prepared statement from the connection's cache, run with SQLite's own calls.
struct RowStatement {
    enum Key {
        case integer(Int64)
        case text(String)
        case blob([UInt8])

        static func number(_ number: some DomainNumber) -> Key { .integer(number.rawValue) }
    }

    private let database: Database
    private let statement: Statement
    private var handle: OpaquePointer { statement.sqliteStatement }

    init(_ database: Database, _ sql: String) throws {
        self.database = database
        statement = try database.cachedStatement(sql: sql)
    }

    /// Binds the row's columns to its placeholders, in order; returns how many rows were changed.
    @discardableResult
    func write(_ row: some StoredRow) throws -> Int {
        var writer = RowWriter(handle)
        row.write(to: &writer)
        writer.seal()
        return try change(writer.code)
    }

    @discardableResult
    func run(_ keys: Key...) throws -> Int { try change(bind(keys)) }

    /// - Parameter bind: writes the keys, in the order of their placeholders.
    @discardableResult
    func run(_ bind: (inout RowWriter) -> Void) throws -> Int {
        var writer = RowWriter(handle)
        bind(&writer)
        return try change(writer.code)
    }

    func first<Row: StoredRow>(_ type: Row.Type, _ keys: Key...) throws -> Row? {
        defer { reset() }
        try check(bind(keys))
        return try step() ? try read(type) : nil
    }

    func all<Row: StoredRow>(_ type: Row.Type, _ keys: Key...) throws -> [Row] {
        defer { reset() }
        try check(bind(keys))
        var rows: [Row] = []
        while try step() { rows.append(try read(type)) }
        return rows
    }

    /// Like ``all(_:_:)``, when one damaged row must not hide the others: `salvage` gives a replacement for it, if any.
    func all<Row: StoredRow>(_ type: Row.Type, _ keys: Key..., salvage: (Row) -> Row?) throws -> [Row] {
        defer { reset() }
        try check(bind(keys))
        var rows: [Row] = []
        while try step() {
            var reader = RowReader(handle)
            do {
                let row = try Row(from: &reader)
                if let row = reader.isWhole ? row : salvage(row) { rows.append(row) }
            } catch is Damage {
                continue
            }
        }
        return rows
    }

    /// The first column of the last row. Runs to the end, so that what the statement changes is changed.
    func integer(_ keys: Key...) throws -> Int64? {
        defer { reset() }
        try check(bind(keys))
        var integer: Int64?
        while try step() { integer = sqlite3_column_int64(handle, 0) }
        return integer
    }

    // MARK: Steps

    private func change(_ bound: Int32) throws -> Int {
        defer { reset() }
        try check(bound)
        while try step() {}
        return Int(sqlite3_changes(database.sqliteConnection))
    }

    private func read<Row: StoredRow>(_ type: Row.Type) throws -> Row {
        var reader = RowReader(handle)
        let row = try Row(from: &reader)
        guard reader.isWhole else { throw Damage("\(row.label) is damaged: its checksum does not match") }
        return row
    }

    private func bind(_ keys: [Key]) -> Int32 {
        var writer = RowWriter(handle)
        for key in keys {
            switch key {
            case .integer(let value): writer.integer(value)
            case .text(let value): writer.text(value)
            case .blob(let value): writer.blob(value)
            }
        }
        return writer.code
    }

    /// True when there is a row.
    private func step() throws -> Bool {
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        try check(code == SQLITE_DONE ? SQLITE_OK : code)
        return false
    }

    /// Also releases what was bound: a payload must not stay in the statement cache.
    private func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    private func check(_ code: Int32) throws {
        guard code != SQLITE_OK else { return }
        let message = database.sqliteConnection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
        throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }
}
