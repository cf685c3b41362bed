package import RepriseKernel

/// An expression, and the time that its ages count to.
package struct StatusCondition: Equatable, Sendable {
    package var expression: StatusExpression
    package var now: Timestamp

    package init(_ expression: StatusExpression, now: Timestamp) {
        self.expression = expression
        self.now = now
    }
}
