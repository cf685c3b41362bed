import Foundation
import RepriseKernel

extension Timestamp {
    /// Rounded up: what waits for it is never early.
    init(_ date: Date) {
        let milliseconds = (date.timeIntervalSince1970 * 1_000).rounded(.up)
        // What is no time at all, or too far away for one, is as far away as can be.
        self.init(milliseconds: Int64(exactly: milliseconds) ?? (milliseconds < 0 ? 0 : .max))
    }

    var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1_000) }
}
