/// Which of two versions of an orchestrator's code is the earlier one.
package enum VersionOrder {
    package static func isEarlier(_ a: String, _ b: String) -> Bool { compare(a, b) < 0 }
    package static func isSame(_ a: String, _ b: String) -> Bool { compare(a, b) == 0 }

    /// Numbers between dots are compared as numbers, a missing one as 0; when either is not such a version, both are
    /// compared as text, case-insensitively.
    private static func compare(_ a: String, _ b: String) -> Int {
        guard let x = numbers(a), let y = numbers(b) else {
            let (a, b) = (a.lowercased(), b.lowercased())
            return a == b ? 0 : a < b ? -1 : 1
        }
        for index in 0..<max(x.count, y.count) {
            let (left, right) = (index < x.count ? x[index] : 0, index < y.count ? y[index] : 0)
            if left != right { return left < right ? -1 : 1 }
        }
        return 0
    }

    private static func numbers(_ version: String) -> [UInt64]? {
        let parts = version.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { UInt64($0) }
        return numbers.count == parts.count ? numbers : nil
    }
}
