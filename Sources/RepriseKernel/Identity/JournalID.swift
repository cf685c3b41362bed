/// Which journal: drawn when its file was made, and recorded on the broker, so that no other is taken for it.
package struct JournalID: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// Enough of it to tell a hub's journals apart, for a line that says more.
    package var short: Substring { rawValue.prefix(8) }
}

extension JournalID: ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) { self.init(rawValue: value) }
}

extension JournalID: CustomStringConvertible {
    /// For people. What strangers have written into a record may be long.
    package var description: String { String(rawValue.prefix(80)) }
}
