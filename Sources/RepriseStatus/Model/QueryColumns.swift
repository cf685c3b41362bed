import GRDB

/// The columns of a query, in the order of the cases: what is asked for and what is read are one list.
protocol QueryColumns: RawRepresentable<Int>, CaseIterable, Hashable, Sendable {
    /// The column, or what is selected in its place.
    var sql: String { get }
}

extension QueryColumns {
    /// Its case in the words of SQL: `created_time` for `createdTime`.
    var sql: String { "\(self)".map { $0.isUppercase ? "_\($0.lowercased())" : "\($0)" }.joined() }

    /// The list of a `SELECT`; columns that a reader does not want, and which may be large, are NULL.
    static func list(without left: Set<Self> = []) -> String {
        allCases.map { left.contains($0) ? "NULL" : $0.sql }.joined(separator: ", ")
    }

    /// A placeholder for each.
    static var placeholders: String { allCases.map { _ in "?" }.joined(separator: ", ") }
}

/// A row of such a query.
struct QueryRow<Columns: QueryColumns> {
    private let row: Row

    init(_ row: Row) { self.row = row }

    subscript<Value: DatabaseValueConvertible>(column: Columns) -> Value { row[column.rawValue] }

    /// What SQLite hands out without a detour.
    subscript<Value: DatabaseValueConvertible & StatementColumnConvertible>(column: Columns) -> Value {
        row[column.rawValue]
    }
}
