/// A point of recorded time: milliseconds since 1970-01-01T00:00:00Z.
///
/// The kernel never reads a clock; the owner of a partition passes the time in, and history records it.
package struct Timestamp: Hashable, Comparable, Sendable {
    package var milliseconds: Int64
    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static let zero = Timestamp(milliseconds: 0)

    package static func < (a: Self, b: Self) -> Bool { a.milliseconds < b.milliseconds }

    /// Saturates: a timer of 300 years is a timer that has not fired yet, not a crash.
    package static func + (a: Self, b: Duration) -> Self {
        let (seconds, attoseconds) = b.components
        let (product, tooLong) = seconds.multipliedReportingOverflow(by: 1000)
        guard !tooLong else { return Timestamp(milliseconds: seconds < 0 ? 0 : .max) }
        // Rounded up, so that a timer is never early.
        let perMillisecond: Int64 = 1_000_000_000_000_000
        let part = attoseconds > 0 ? (attoseconds + perMillisecond - 1) / perMillisecond : attoseconds / perMillisecond
        let (delta, overflow) = product.addingReportingOverflow(part)
        let (sum, overflow2) = a.milliseconds.addingReportingOverflow(delta)
        guard !overflow, !overflow2 else { return Timestamp(milliseconds: seconds < 0 ? 0 : .max) }
        return Timestamp(milliseconds: sum)
    }
}
