package import Foundation
package import RepriseKernel

extension Timestamp {
    /// Rounded up, so that nothing that waits for it is early.
    package init(rounding time: Date) {
        let milliseconds = (time.timeIntervalSince1970 * 1000).rounded(.up)
        // In this order of arguments what is not a number becomes 0; in the other it would trap below.
        self.init(milliseconds: Int64(min(9e18, max(0, milliseconds))))
    }

    /// The same moment.
    package var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1_000) }
}

extension JSONView {
    /// A time as the gateway writes it; nil for anything else.
    package var time: Timestamp? { text.flatMap { TimeText.parse($0, rounding: .down) } }
}
