/// Parses the tokens of an expression by recursive descent; see ``StatusExpression`` for the grammar.
struct ExpressionParser {
    private let tokens: [ExpressionToken]
    private var at = 0
    private var depth = 0
    private var predicates = 0

    init(_ tokens: [ExpressionToken]) { self.tokens = tokens }

    /// A whole expression, and nothing after it.
    mutating func expression() throws(ExpressionError) -> StatusExpression.Node {
        let node = try disjunction()
        guard next.kind == .end else { throw expected("'and', 'or' or the end") }
        return node
    }

    mutating func expectEnd() throws(ExpressionError) {
        guard next.kind == .end else { throw expected("nothing more") }
    }

    // MARK: Rules

    private mutating func disjunction() throws(ExpressionError) -> StatusExpression.Node {
        var nodes = [try conjunction()]
        while takeWord("or") { nodes.append(try conjunction()) }
        return nodes.count == 1 ? nodes[0] : .any(nodes)
    }

    private mutating func conjunction() throws(ExpressionError) -> StatusExpression.Node {
        var nodes = [try factor()]
        while takeWord("and") { nodes.append(try factor()) }
        return nodes.count == 1 ? nodes[0] : .all(nodes)
    }

    private mutating func factor() throws(ExpressionError) -> StatusExpression.Node {
        guard depth < StatusExpression.Limits.depth else {
            throw error("an expression may be nested at most \(StatusExpression.Limits.depth) deep")
        }
        depth += 1
        defer { depth -= 1 }
        if takeWord("not") { return .not(try factor()) }
        guard next.kind == .open else { return try predicate() }
        at += 1
        let node = try disjunction()
        try expectClose()
        return node
    }

    private mutating func predicate() throws(ExpressionError) -> StatusExpression.Node {
        predicates += 1
        guard predicates <= StatusExpression.Limits.predicates else {
            throw error("an expression may have at most \(StatusExpression.Limits.predicates) conditions")
        }
        let field = try field()
        return .predicate(field, try test(of: field))
    }

    mutating func field() throws(ExpressionError) -> StatusField {
        guard case .word(let name, let steps) = next.kind else { throw expected("a field") }
        let field = try StatusField(name, steps, at: next.position)
        at += 1
        return field
    }

    private mutating func test(of field: StatusField) throws(ExpressionError) -> StatusExpression.Test {
        if case .comparison(let comparison) = next.kind {
            guard field.allows(comparison) else { throw error("\(field) knows no '\(comparison.rawValue)'") }
            at += 1
            let position = next
            let value = try value(of: field)
            guard value.isOrdered || !comparison.needsOrder else {
                throw ExpressionError(at: position.position, "only text and numbers have an order")
            }
            return .compare(comparison, value)
        }
        if next.isWord("in"), field.kind != .age {
            at += 1
            return .isOneOf(try values(of: field))
        }
        if next.isWord("startsWith"), field.kind == .text || field.kind == .json {
            at += 1
            guard case .text(let text) = next.kind else { throw expected("text in quotes") }
            at += 1
            return .startsWith(text)
        }
        if next.isWord("has"), field.kind == .json {
            at += 1
            return .has(try value(of: field))
        }
        if next.isWord("exists"), field.mayBeMissing {
            at += 1
            return .exists
        }
        throw expected(field.operators)
    }

    private mutating func values(of field: StatusField) throws(ExpressionError) -> [ComparedValue] {
        guard next.kind == .open else { throw expected("'(' and a list of values") }
        at += 1
        var values = [try value(of: field)]
        while next.kind == .comma {
            at += 1
            guard values.count < StatusExpression.Limits.values else {
                throw error("a list may have at most \(StatusExpression.Limits.values) values")
            }
            values.append(try value(of: field))
        }
        try expectClose()
        return values
    }

    private mutating func value(of field: StatusField) throws(ExpressionError) -> ComparedValue {
        guard let value = ExpressionLiteral.value(next.kind, of: field.kind) else {
            throw expected(ExpressionLiteral.expectation(of: field.kind))
        }
        at += 1
        return value
    }

    // MARK: Tokens

    private var next: ExpressionToken { tokens[at] }

    mutating func takeWord(_ word: String) -> Bool {
        guard next.isWord(word) else { return false }
        at += 1
        return true
    }

    private mutating func expectClose() throws(ExpressionError) {
        guard next.kind == .close else { throw expected("')'") }
        at += 1
    }

    private func expected(_ what: String) -> ExpressionError {
        error("expected \(what), found \(next.kind == .end ? "the end" : "'\(next.source.prefix(60))'")")
    }

    private func error(_ reason: String) -> ExpressionError { ExpressionError(at: next.position, reason) }
}

extension ExpressionToken {
    fileprivate func isWord(_ word: String) -> Bool { kind == .word(word, []) }
}

extension StatusField {
    /// Times pass, and an instance has one status: not every comparison makes sense for every field.
    fileprivate func allows(_ comparison: StatusExpression.Comparison) -> Bool {
        switch self {
        case .runtimeStatus, .version: !comparison.needsOrder
        case .age: comparison.needsOrder
        default: true
        }
    }

    fileprivate var operators: String {
        var words = StatusExpression.Comparison.allCases.filter(allows).map(\.rawValue)
        if kind != .age { words.append("in") }
        if kind == .text || kind == .json { words.append("startsWith") }
        if kind == .json { words.append("has") }
        if mayBeMissing { words.append("exists") }
        return "one of " + words.joined(separator: " ")
    }
}
