/// A condition on instances, as people write it: `customStatus.recommendedCities has "Tokyo" and runtimeStatus == Running`.
///
/// ```
/// expression = term { "or" term }            term = factor { "and" factor }
/// factor     = "not" factor | "(" expression ")" | predicate
/// predicate  = field ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) value
///            | field "in" "(" value { "," value } ")"
///            | field "startsWith" text  |  field "has" value  |  field "exists"
/// field      = runtimeStatus | name | instanceId | parentInstanceId | version | createdTime | lastUpdatedTime | age
///            | tags.<name> | ( customStatus | input | output ) { "." name | "[" number "]" }
/// value      = "text" | 'text' | 1.5 | true | false | null | Running | 2026-01-31T08:00:00Z | 90s, 10m, 2h, 3d
/// ```
///
/// Values of JSON are compared with what has the same type: `"1"` is not `1`, and `1` is not `true`; `1` and `1.0` are the
/// same number, text is compared byte by byte. A missing value is equal to nothing, not even to `null`, and `!=` is
/// always the opposite of `==`. `has` asks an array for an element. The status, the input and the output themselves
/// exist unless they are null.
///
/// There are two evaluators, which agree: ``matches(_:now:)`` for one instance in memory, SQL for the read model.
package struct StatusExpression: Equatable, Sendable {
    /// As it was written.
    package let text: String
    let root: Node

    /// - Throws: ``ExpressionError``, which names the place and what was expected there; also for an expression that is
    ///   too long, too deep or has too many parts (``Limits``).
    package init(parsing text: String) throws(ExpressionError) {
        guard text.utf8.count <= Limits.bytes else {
            throw ExpressionError(
                at: 1,
                "an expression may have at most \(Limits.bytes) bytes, this one has \(text.utf8.count)"
            )
        }
        var parser = ExpressionParser(try ExpressionLexer.tokens(of: text))
        root = try parser.expression()
        self.text = text
    }

    /// The maximum cost of an expression.
    package enum Limits {
        package static let bytes = 4096
        /// Parentheses and `not` within each other.
        package static let depth = 16
        package static let predicates = 32
        /// In one list after `in`.
        package static let values = 100
    }

    indirect enum Node: Hashable, Sendable {
        case all([Node])
        case any([Node])
        case not(Node)
        case predicate(StatusField, Test)
    }

    enum Test: Hashable, Sendable {
        case compare(Comparison, ComparedValue)
        case isOneOf([ComparedValue])
        case startsWith(String)
        case has(ComparedValue)
        case exists
    }

    enum Comparison: String, Hashable, Sendable, CaseIterable {
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="

        var needsOrder: Bool { self != .equal && self != .notEqual }
    }
}
