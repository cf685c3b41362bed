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

    /// Whether one of the `If-None-Match` fields names it, weakly or not.
    func isNamed(in fields: [String]) -> Bool {
        fields.flatMap { $0.split(separator: ",") }.contains { field in
            let name = field.trimmingPrefix { $0 == " " || $0 == "\t" }.trimmingPrefix("W/")
            let end = name.lastIndex { $0 != " " && $0 != "\t" }
            let trimmed = end.map { name[...$0] } ?? ""
            return trimmed == "*" || trimmed == tag
        }
    }
}
