import Foundation
import RepriseKernel

extension Timestamp {
    static var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

    var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

    /// `2026-02-28T13:45:07.123Z`
    var text: String { TimeText.milliseconds(self) }

    /// How long ago that is, `3.2 s ago`, or how far away: `in 3.2 s`.
    var age: String {
        let (passed, overflow) = Timestamp.now.milliseconds.subtractingReportingOverflow(milliseconds)
        if overflow { return "never" }
        // Clocks of two machines differ: a moment ago must not appear as the future.
        return passed > -1_000
            ? Amount.duration(.milliseconds(passed)) + " ago" : "in " + Amount.duration(.milliseconds(-passed))
    }
}
