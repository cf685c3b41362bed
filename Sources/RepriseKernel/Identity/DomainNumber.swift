/// A number of one kind, which no number of another kind is taken for.
package protocol DomainNumber: RawRepresentable<Int64>, Hashable, Comparable, Sendable, CustomStringConvertible,
    ExpressibleByIntegerLiteral
{
    init(rawValue: Int64)
}

extension DomainNumber {
    package init(integerLiteral value: Int64) { self.init(rawValue: value) }

    package static var max: Self { Self(rawValue: .max) }

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    package var description: String { String(rawValue) }

    /// The number so many steps above; the highest of all has none above it.
    package func advanced(by steps: Int64 = 1) -> Self {
        let (next, isTooHigh) = rawValue.addingReportingOverflow(steps)
        return Self(rawValue: isTooHigh ? .max : next)
    }
}

/// How often a partition has been taken. Whoever takes it has a higher one than all before, and what an owner says under a
/// lower one counts no more.
package struct Epoch: DomainNumber {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}
