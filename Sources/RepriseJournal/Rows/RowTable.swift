import GRDB
import RepriseEngine
import RepriseKernel

/// A row of a table whose rows come and go one by one.
protocol StoredTableRow: StoredRow, TableRow {
    /// The primary key.
    static var keyColumns: [String] { get }
    /// What a removal names, in the order of ``write(_:to:)``.
    static var removalColumns: [String] { get }
    /// Whether a row may be written over the one with its key.
    static var isReplaced: Bool { get }
    static func write(_ removal: Removal, to row: inout RowWriter)
}

extension StoredTableRow {
    static var removalColumns: [String] { keyColumns }
    static var isReplaced: Bool { false }
}

extension StoredTableRow where Removal: DomainNumber {
    static func write(_ removal: Removal, to row: inout RowWriter) { row.integer(removal) }
}

/// One such table: ``RowChanges`` as SQL.
struct RowTable<Row: StoredTableRow> {
    private let database: Database
    private let add, remove: RowStatement

    init(_ database: Database) throws {
        self.database = database
        add = try RowStatement(
            database,
            Row.isReplaced ? Row.upsert(by: Row.keyColumns.joined(separator: ", ")) : Row.insert
        )
        let condition = Row.removalColumns.map { "\($0) = ?" }.joined(separator: " AND ")
        remove = try RowStatement(database, "DELETE FROM \(Row.table) WHERE \(condition)")
    }

    func write(_ changes: RowChanges<Row>) throws {
        for row in changes.written { try add.write(row) }
        for removal in changes.removed { try remove.run { Row.write(removal, to: &$0) } }
    }

    /// In the order of their keys. A process does that once for each time that it takes the partition.
    func all() throws -> [Row] {
        let order = Row.keyColumns.joined(separator: ", ")
        return try RowStatement(database, Row.select("ORDER BY \(order)")).all(Row.self)
    }
}
