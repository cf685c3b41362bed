/// Why a search gave no answer; says what to do.
package struct SearchError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: Equatable, Sendable {
        /// It took longer than a search may. Unchanged, it will again.
        case tooSlow
        /// Too many searches are in progress: it may succeed a moment later.
        case busy
        /// The continuation token belongs to a list in another order.
        case otherOrder
        /// A value that is too long for a continuation token.
        case longValue
    }

    package let code: Code
    package let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

/// What searches may cost the gateway, all together and each.
package struct SearchLimits: Sendable {
    /// How long one may take; it is ended then, within milliseconds.
    package var time: Duration = .seconds(5)
    /// Two run at a time; more than this many, including waiting ones, are refused.
    package var atOnce = 256
    /// The most groups of one count.
    package var groups = 1000
    /// The most bytes of the groups' values, all together.
    package var groupBytes = 1 << 20
    /// Each makes every change slightly slower.
    package var indexes = 8

    package init() {}
}
