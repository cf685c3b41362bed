package import RepriseKernel

/// An expression, and the time at which its ages are measured.
package struct StatusCondition: Equatable, Sendable {
    package var expression: StatusExpression
    package var now: Timestamp

    package init(_ expression: StatusExpression, now: Timestamp) {
        self.expression = expression
        self.now = now
    }
}
