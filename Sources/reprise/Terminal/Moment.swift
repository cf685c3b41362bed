import Foundation
import RepriseKernel

extension Timestamp {
    static var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

    /// `2026-02-28T13:45:07.123Z`
    var text: String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// How long ago that is: `3.2 s ago`.
    var age: String { Amount.duration(.milliseconds(Timestamp.now.milliseconds - milliseconds)) + " ago" }
}
