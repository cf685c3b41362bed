import GRDBSQLite
import RepriseKernel

/// A type that is one row of one table. Columns are written and read in one order, and sealed with a ``RowSum``.
protocol StoredRow {
    static var table: String { get }
    /// A description of the row for people, in case it is damaged. Never a payload.
    var label: String { get }
    /// In order, without the checksum.
    static var columns: [String] { get }
    func write(to row: inout RowWriter)
    init(from row: inout RowReader) throws
}

extension StoredRow {
    var label: String { "a row of \(Self.table)" }

    private static var allColumns: [String] { columns + ["rowSum"] }
    private static var slots: String { (1...allColumns.count).map { "?\($0)" }.joined(separator: ", ") }

    static func select(_ rest: String) -> String {
        "SELECT \(allColumns.joined(separator: ", ")) FROM \(table) \(rest)"
    }

    static var insert: String { "INSERT INTO \(table) (\(allColumns.joined(separator: ", "))) VALUES (\(slots))" }

    /// Inserts, or overwrites the row with the same primary key. Never REPLACE, which would delete any row that
    /// conflicts with another unique key.
    static func upsert(by key: String) -> String {
        "\(insert) ON CONFLICT (\(key)) DO UPDATE SET \(assignments(but: []))"
    }

    /// `column = ?n` for every column but these.
    static func assignments(but kept: [String]) -> String {
        allColumns.enumerated().filter { !kept.contains($0.element) }
            .map { "\($0.element) = ?\($0.offset + 1)" }.joined(separator: ", ")
    }

    /// `column = ?n`, or `column IS ?n`: the placeholder that ``write(to:)`` binds for the column. Never written by
    /// hand, since columns come and go.
    static func condition(_ column: String, _ comparison: String = "=") -> String {
        guard let index = allColumns.firstIndex(of: column) else {
            preconditionFailure("the table \(table) has no column \(column)")
        }
        return "\(column) \(comparison) ?\(index + 1)"
    }
}

/// Binds a row's values left to right. SQLite's own calls: GRDB's boxed arguments cost as much as the insert itself.
struct RowWriter {
    private let statement: OpaquePointer
    private var column: Int32 = 0
    private var sum = RowSum()
    /// The first refusal.
    private(set) var code = SQLITE_OK

    init(_ statement: OpaquePointer) { self.statement = statement }

    mutating func integer(_ value: Int64) {
        sum.combine(UInt64(bitPattern: value))
        bind { sqlite3_bind_int64($0, $1, value) }
    }

    mutating func integer(_ value: Int64?) {
        sum.combine(value == nil ? 0 : 1)
        if let value { integer(value) } else { bind { sqlite3_bind_null($0, $1) } }
    }

    mutating func integer(_ number: some DomainNumber) { integer(number.rawValue) }

    mutating func integer(_ number: (some DomainNumber)?) { integer(number?.rawValue) }

    mutating func text(_ value: String) {
        var value = value
        value.withUTF8 { utf8 in
            let text = UnsafeRawBufferPointer(utf8)
            sum.combine(text)
            let start = (text.baseAddress ?? Self.nothing).assumingMemoryBound(to: CChar.self)
            bind { sqlite3_bind_text($0, $1, start, Int32(text.count), Self.copied) }
        }
    }

    mutating func text(_ value: String?) {
        sum.combine(value == nil ? 0 : 1)
        if let value { text(value) } else { bind { sqlite3_bind_null($0, $1) } }
    }

    mutating func blob(_ value: [UInt8]) {
        value.withUnsafeBytes { bytes in
            sum.combine(bytes)
            let start = bytes.baseAddress ?? Self.nothing
            bind { sqlite3_bind_blob($0, $1, start, Int32(bytes.count), Self.copied) }
        }
    }

    mutating func seal() {
        let value = Int64(bitPattern: sum.value)
        bind { sqlite3_bind_int64($0, $1, value) }
    }

    private mutating func bind(_ call: (OpaquePointer, Int32) -> Int32) {
        column += 1
        let result = call(statement, column)
        if code == SQLITE_OK { code = result }
    }

    /// SQLITE_TRANSIENT: SQLite takes its own copy.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
    /// The address of empty values: without an address they would be NULL.
    private static var nothing: UnsafeRawPointer { UnsafeRawPointer(("" as StaticString).utf8Start) }
}

/// Reads what ``RowWriter`` wrote. Nothing read may be used unless it ``isWhole``.
struct RowReader {
    private let statement: OpaquePointer
    private var column: Int32 = -1
    private var sum = RowSum()

    init(_ statement: OpaquePointer) { self.statement = statement }

    mutating func integer() -> Int64 {
        column += 1
        let value = sqlite3_column_int64(statement, column)
        sum.combine(UInt64(bitPattern: value))
        return value
    }

    mutating func optionalInteger() -> Int64? { isNull() ? nil : integer() }

    mutating func number<Number: DomainNumber>() -> Number { Number(rawValue: integer()) }

    mutating func optionalNumber<Number: DomainNumber>() -> Number? { isNull() ? nil : number() }

    mutating func text() -> String { bytes { String(decoding: $0, as: UTF8.self) } }

    mutating func optionalText() -> String? { isNull() ? nil : text() }

    mutating func blob() -> [UInt8] { bytes { Array($0) } }

    /// After the last column: whether the checksum stored is that of what was read.
    var isWhole: Bool { sqlite3_column_int64(statement, column + 1) == Int64(bitPattern: sum.value) }

    private mutating func isNull() -> Bool {
        let isNull = sqlite3_column_type(statement, column + 1) == SQLITE_NULL
        sum.combine(isNull ? 0 : 1)
        if isNull { column += 1 }
        return isNull
    }

    private mutating func bytes<T>(_ body: (UnsafeRawBufferPointer) -> T) -> T {
        column += 1
        let start = sqlite3_column_blob(statement, column)
        let bytes = UnsafeRawBufferPointer(
            start: start,
            count: start == nil ? 0 : Int(sqlite3_column_bytes(statement, column))
        )
        sum.combine(bytes)
        return body(bytes)
    }
}
