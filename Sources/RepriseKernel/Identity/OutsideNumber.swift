/// A whole number from outside, in an address, a header or a message: from 0 to 2^53.
///
/// Versions, incarnations, sequences, epochs and times are used in arithmetic, and one near the end of `Int64` would
/// trap there. No hub comes near 2^53, and every JSON reader represents it exactly. Every number from outside is read
/// as one of these; anything else is refused.
package struct OutsideNumber: Hashable, Sendable {
    package static let range: ClosedRange<Int64> = 0...(1 << 53)
    /// Numbers that others may follow: counting on from one of these stays in `range`.
    package static let start: ClosedRange<Int64> = 0...(1 << 52)

    package let value: Int64

    package init?(_ value: Int64) {
        guard Self.range.contains(value) else { return nil }
        self.value = value
    }

    package init?(_ text: some StringProtocol) {
        guard let value = Int64(text) else { return nil }
        self.init(value)
    }

    /// A number to count on from: nil also when there is no room for those that follow.
    package static func start(_ value: Int64) -> Int64? { start.contains(value) ? value : nil }

    package static func start(_ text: some StringProtocol) -> Int64? { Int64(text).flatMap { start($0) } }

    /// Numbers with a dot between each and the next, as in `12.7`; nil when one of them is not such a number.
    package static func list(_ text: some StringProtocol) -> [Int64]? {
        var numbers: [Int64] = []
        for word in text.split(separator: ".", omittingEmptySubsequences: false) {
            guard let number = OutsideNumber(word) else { return nil }
            numbers.append(number.value)
        }
        return numbers
    }

    /// A moment, possibly before 1970: milliseconds, within 2^53 of it.
    package static func time(milliseconds: Int64) -> Timestamp? {
        (-range.upperBound...range.upperBound).contains(milliseconds) ? Timestamp(milliseconds: milliseconds) : nil
    }

    package static func time(_ text: some StringProtocol) -> Timestamp? {
        Int64(text).flatMap { time(milliseconds: $0) }
    }
}
