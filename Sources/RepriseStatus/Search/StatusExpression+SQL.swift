import GRDB
import RepriseKernel

/// The second evaluator: a condition on the table of instances. Values and paths are parameters, columns come from
/// ``FieldColumns``; nothing of the expression's text becomes part of the query text.
///
/// SQL's NULL, for what is missing, makes a condition neither true nor false; `IS NOT TRUE` makes that false again wherever
/// it could matter.
extension StatusExpression {
    /// - Parameter now: the time at which `age` is measured.
    func sql(_ columns: FieldColumns, now: Timestamp) -> SQL { root.sql(columns, now) }
}

extension StatusExpression.Node {
    fileprivate func sql(_ columns: FieldColumns, _ now: Timestamp) -> SQL {
        switch self {
        case .all(let nodes): "(\(nodes.map { $0.sql(columns, now) }.joined(separator: " AND ")))"
        case .any(let nodes): "(\(nodes.map { $0.sql(columns, now) }.joined(separator: " OR ")))"
        case .not(let node): "((\(node.sql(columns, now))) IS NOT TRUE)"
        case .predicate(.age, .compare(let comparison, .integer(let age))):
            // Older is earlier.
            StatusExpression.Test.compare(comparison.reversed, .integer(now.milliseconds - age))
                .sql(.lastUpdatedTime, columns)
        case .predicate(let field, let test): test.sql(field, columns)
        }
    }
}

extension StatusExpression.Test {
    fileprivate func sql(_ field: StatusField, _ columns: FieldColumns) -> SQL {
        let column = columns.sql(field)
        switch self {
        case .compare(.equal, let value): return "(\(column) = \(value.databaseValue))"
        case .compare(.notEqual, let value): return "((\(column) = \(value.databaseValue)) IS NOT TRUE)"
        case .compare(let comparison, let value): return Self.range(column, comparison, value)
        case .isOneOf(let values):
            return "(\(column) IN (\(values.map { "\($0.databaseValue)" as SQL }.joined(separator: ", "))))"
        case .startsWith(let prefix):
            guard let end = FilterQuery.successor(of: prefix) else {
                return Self.range(column, .greaterOrEqual, .text(prefix))
            }
            return "(\(column) >= \(prefix) AND \(column) < \(end))"
        case .exists:
            return field.isWholeDocument
                ? "(\(column) <> \(ComparedValue.null.databaseValue))" : "(\(column) IS NOT NULL)"
        case .has(let value):
            guard case .json(let document, let path) = field else { return "FALSE" }
            return Self.element(value, of: SQL(sql: document.column), "\(path.sqlite)")
        }
    }

    /// In SQLite's order all numbers come before all text, and text before bytes: a range ends where its type does.
    private static func range(_ column: SQL, _ comparison: StatusExpression.Comparison, _ value: ComparedValue) -> SQL {
        let bound: SQL = "\(column) \(sql: comparison.rawValue) \(value.databaseValue)"
        let goesUp = comparison == .greater || comparison == .greaterOrEqual
        return switch (value, goesUp) {
        case (.text, true): "(\(bound) AND \(column) < x'')"
        case (.text, false): "(\(bound) AND \(column) >= '')"
        case (_, true): "(\(bound) AND \(column) < '')"
        case (_, false): "(\(bound))"
        }
    }

    private static func element(_ value: ComparedValue, of column: SQL, _ path: SQL) -> SQL {
        let isIt: SQL =
            switch value {
            case .text: "element.type = 'text' AND element.value = \(value.databaseValue)"
            case .integer, .real: "element.type IN ('integer', 'real') AND element.value = \(value.databaseValue)"
            case .other(let word): "element.type = \(word)"
            }
        return """
            (json_type(\(column), \(path)) = 'array' \
            AND EXISTS (SELECT 1 FROM json_each(\(column), \(path)) AS element WHERE \(isIt)))
            """
    }
}

extension StatusExpression.Comparison {
    fileprivate var reversed: Self {
        switch self {
        case .equal, .notEqual: self
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }
}
