/// Why an expression, a field or an order cannot be read: a sentence for its author.
package struct ExpressionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The character where reading stopped, counted from 1.
    package let position: Int
    package let reason: String

    init(at position: Int, _ reason: String) {
        self.position = position
        self.reason = reason
    }

    package var description: String { "at character \(position): \(reason)" }
}
