import Foundation
import GRDB

/// How each field is read from the table of instances: by its column, by the column of an index, or by a look into the
/// JSON.
struct FieldColumns {
    /// The columns that indexes have made, by their fields.
    var indexed: [StatusField: String] = [:]
    /// Keeps SQLite from using the index of runtime statuses when another one is better.
    var avoidsStatusIndex = false
    /// Keeps SQLite from looking up the ids that begin with a prefix, each with its row: that may be all. Their number is
    /// unknown to it, and going over an index of all instances takes no longer than a fifth of a second for a million.
    var passesIDs = false
    /// Makes SQLite read all rows in place. In the order of an index, which it prefers, that takes three times as long.
    var readsRows = false

    /// Instances only, and those that are there; every index of instances is limited by the same words.
    var existing: SQL { readsRows ? "+purged = 0 AND +entity = 0" : "purged = 0 AND entity = 0" }

    func sql(_ field: StatusField) -> SQL {
        if let column = indexed[field] { return SQL(sql: column) }
        return switch field {
        case .runtimeStatus: avoidsStatusIndex ? "+runtime_status" : "runtime_status"
        case .name: "name"
        case .instanceID: "id"
        case .parent: "parent"
        case .version: "orchestrator_version"
        case .createdTime: "created"
        case .lastUpdatedTime, .age: "last_updated"
        case .json(let document, let path): Self.value(in: document, path, "\(path.sqlite)")
        }
    }

    /// The same for the definition of a column, where there can be no parameters.
    static func definition(_ document: StatusField.Document, _ path: JSONPath) -> SQL {
        value(in: document, path, SQL(sql: path.literal))
    }

    /// A value of JSON as one of SQLite's that keeps its type, and so its place in an index: text and numbers as
    /// themselves; `true`, `false`, `null`, arrays and objects as the bytes they are written with; nothing as NULL.
    private static func value(in document: StatusField.Document, _ path: JSONPath, _ place: SQL) -> SQL {
        let column = SQL(sql: document.column)
        let value: SQL = """
            CASE WHEN json_type(\(column), \(place)) IN ('text', 'integer', 'real') THEN json_extract(\(column), \(place)) \
            ELSE CAST(\(column) -> \(place) AS BLOB) END
            """
        // The document null is kept as SQL's own.
        return path.isRoot ? "coalesce(\(value), CAST('null' AS BLOB))" : value
    }
}

extension StatusField.Document {
    var column: String {
        switch self {
        case .customStatus: "custom_status"
        case .input: "input"
        case .output: "output"
        case .tags: "tags"
        }
    }
}

extension ComparedValue {
    var databaseValue: DatabaseValue {
        switch self {
        case .integer(let value): value.databaseValue
        case .real(let value): value.databaseValue
        case .text(let text): text.databaseValue
        case .other(let text): Data(text.utf8).databaseValue
        }
    }

    /// - Returns: nil for NULL: a value that is missing.
    init?(_ value: DatabaseValue) {
        switch value.storage {
        case .null: return nil
        case .int64(let value): self = .integer(value)
        case .double(let value): self = .real(value)
        case .string(let text): self = .text(text)
        case .blob(let bytes): self = .other(String(decoding: bytes, as: UTF8.self))
        }
    }
}
