/// The order of a list: by one field, and among equals by id. What has no value in the field comes last, in both
/// directions.
///
/// Numbers come before text, text before everything else.
package struct ListOrder: Equatable, Sendable, CustomStringConvertible {
    let field: StatusField
    let isDescending: Bool

    package static let byID = ListOrder(field: .instanceID, isDescending: false)

    private init(field: StatusField, isDescending: Bool) {
        self.field = field
        self.isDescending = isDescending
    }

    /// Reads `createdTime desc`, `customStatus.stage` or `name asc`.
    ///
    /// - Throws: ``ExpressionError``, also for `age`, which is `lastUpdatedTime` the other way round.
    package init(parsing text: String) throws(ExpressionError) {
        guard text.utf8.count <= StatusExpression.Limits.bytes else {
            throw ExpressionError(at: 1, "an order may have at most \(StatusExpression.Limits.bytes) bytes")
        }
        var parser = ExpressionParser(try ExpressionLexer.tokens(of: text))
        let field = try parser.field()
        guard field != .age else {
            throw ExpressionError(at: 1, "the order of 'age' is that of 'lastUpdatedTime desc'")
        }
        self.init(field: field, isDescending: try parser.direction())
    }

    package var description: String { isDescending ? "\(field) desc" : "\(field)" }
}

extension ExpressionParser {
    /// - Returns: true for `desc`.
    fileprivate mutating func direction() throws(ExpressionError) -> Bool {
        let isDescending = takeWord("desc")
        if !isDescending { _ = takeWord("asc") }
        try expectEnd()
        return isDescending
    }
}
