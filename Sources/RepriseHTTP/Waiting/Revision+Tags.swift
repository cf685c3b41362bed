import RepriseKernel

/// How an `If-None-Match` relates to the state that an answer would show.
extension Revision {
    /// The newest of those that the fields name, weakly or not.
    static func newest(in fields: [String]) -> Revision? { tags(fields).compactMap { Revision(tag: $0) }.max() }

    /// Whether one of the fields names it, weakly or not.
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
