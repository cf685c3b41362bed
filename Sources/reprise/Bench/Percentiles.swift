/// The duration that a given share of durations does not exceed.
package struct Percentiles: Equatable, Sendable {
    private let sorted: [Int64]

    package init(_ values: [Int64]) { sorted = values.sorted() }

    /// By nearest rank: always a value that was measured. 0 when there are none.
    package subscript(percent: Double) -> Int64 {
        guard !sorted.isEmpty else { return 0 }
        let rank = (percent / 100 * Double(sorted.count)).rounded(.up)
        return sorted[min(sorted.count, max(1, Int(rank))) - 1]
    }
}
