import GRDB

/// An index that was added to the read model: it makes lists and counts by its field fast, and each change slower.
package struct StatusIndex: Equatable, Sendable {
    package let field: StatusField
    /// Distinguishes its column and its index in the file from others.
    let number: Int64

    static let table = """
        CREATE TABLE indexes (
            number INTEGER PRIMARY KEY NOT NULL,
            field TEXT NOT NULL UNIQUE
        ) STRICT;
        """

    /// What needs no index of its own.
    package static let builtIn: [StatusField] = [
        .createdTime, .instanceID, .lastUpdatedTime, .parent, .runtimeStatus,
    ]

    /// Whether the built-in indexes hold the field, in whatever order.
    static func isHeld(_ field: StatusField) -> Bool { builtIn.contains(field) || field == .name }

    static func all(in db: Database) throws -> [StatusIndex] {
        let statement = try db.cachedStatement(sql: "SELECT number, field FROM indexes ORDER BY number")
        return try Row.fetchAll(statement).map { row in
            let text: String = row[1]
            do {
                return StatusIndex(field: try StatusField(parsing: text), number: row[0])
            } catch {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "an index of no field: '\(text)'")
            }
        }
    }

    /// How fields are read, with the existing indexes.
    static func columns(in db: Database) throws -> FieldColumns {
        var columns = FieldColumns()
        for index in try all(in: db) {
            if case .json = index.field { columns.indexed[index.field] = index.column }
        }
        return columns
    }

    private var column: String { "path_\(number)" }
    private var name: String { "instances_by_index_\(number)" }

    /// A path gets a column of its own, computed where it is read, since SQLite uses an index of a column in every
    /// query, and one of an expression only in some. After the field come the columns that lists and counts read most,
    /// so that they need not touch the rows.
    func create(in db: Database) throws {
        try db.execute(literal: "INSERT INTO indexes (number, field) VALUES (\(number), \(field.description))")
        try build(in: db)
    }

    func build(in db: Database) throws {
        let indexed: SQL
        if case .json(let document, let path) = field {
            indexed = SQL(sql: column)
            let definition = FieldColumns.definition(document, path)
            try db.execute(literal: "ALTER TABLE instances ADD COLUMN \(indexed) ANY AS (\(definition)) VIRTUAL")
        } else {
            indexed = FieldColumns().sql(field)
        }
        try db.execute(
            literal: """
                CREATE INDEX \(sql: name) ON instances (\(indexed), id, created, runtime_status)
                WHERE purged = 0 AND entity = 0
                """
        )
        try Self.sample(db)
    }

    /// Lets SQLite learn how many rows there are and how they spread, from a thousand of each index: without that it
    /// considers any index better than none, and reads all rows in the order of one.
    static func sample(_ db: Database) throws {
        try db.execute(sql: "PRAGMA analysis_limit = 1000; ANALYZE instances")
    }

    func drop(from db: Database) throws {
        try db.execute(literal: "DROP INDEX \(sql: name)")
        if case .json = field { try db.execute(literal: "ALTER TABLE instances DROP COLUMN \(sql: column)") }
        try db.execute(literal: "DELETE FROM indexes WHERE number = \(number)")
    }
}
