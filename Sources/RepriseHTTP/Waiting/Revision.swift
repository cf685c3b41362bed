import RepriseKernel

/// Which state of an instance an answer shows: its `ETag`.
struct Revision: Comparable, Sendable {
    var incarnation: Int64
    var version: Int64

    init(incarnation: Int64, version: Int64) {
        self.incarnation = incarnation
        self.version = version
    }

    init(_ status: InstanceStatus) {
        self.init(incarnation: status.incarnation, version: status.version)
    }

    static func < (a: Self, b: Self) -> Bool { (a.incarnation, a.version) < (b.incarnation, b.version) }

    var tag: String { "\"\(incarnation).\(version)\"" }

    /// The newest of those that the `If-None-Match` fields name, weakly or not.
    static func newest(in fields: [String]) -> Revision? { tags(fields).compactMap { Revision(tag: $0) }.max() }

    private init?(tag: Substring) {
        guard tag.hasPrefix("\""), tag.hasSuffix("\""),
            let numbers = OutsideNumber.list(tag.dropFirst().dropLast()), numbers.count == 2
        else { return nil }
        self.init(incarnation: numbers[0], version: numbers[1])
    }

    /// Whether one of the `If-None-Match` fields names it, weakly or not.
    func isNamed(in fields: [String]) -> Bool {
        Self.tags(fields).contains { $0 == "*" || $0 == tag }
    }

    private static func tags(_ fields: [String]) -> [Substring] {
        fields.flatMap { $0.split(separator: ",") }.map { field in
            let name = field.trimmingPrefix { $0 == " " || $0 == "\t" }.trimmingPrefix("W/")
            let end = name.lastIndex { $0 != " " && $0 != "\t" }
            return end.map { name[...$0] } ?? ""
        }
    }
}
