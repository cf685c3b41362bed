import RepriseHosting
import RepriseKernel

/// How long ended instances are kept, as written in a setting: `30d` for all, or `completed=7d,failed=90d`.
enum RetentionText {
    static func parse(_ text: String) throws(SettingsError) -> [RuntimeStatus: Duration] {
        var retention: [RuntimeStatus: Duration] = [:]
        for entry in text.split(separator: ",") {
            let parts = entry.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
            guard let time = parts.last.flatMap(duration) else {
                throw SettingsError(
                    "REPRISE_RETENTION is a time such as 30d, 12h, 90m or 45s, or one for each end "
                        + "(completed=7d,failed=90d,terminated=7d); '\(entry)' is not"
                )
            }
            if parts.count == 1 {
                for status in ends { retention[status] = time }
            } else if let status = ends.first(where: { $0.rawValue.lowercased() == parts[0].lowercased() }) {
                retention[status] = time
            } else {
                throw SettingsError(
                    "REPRISE_RETENTION: an instance ends as completed, failed, canceled or terminated, "
                        + "not as '\(parts[0])'"
                )
            }
        }
        return retention
    }

    private static let ends: [RuntimeStatus] = [.completed, .failed, .canceled, .terminated]
    private static let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]

    private static func duration(_ text: String) -> Duration? {
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
            (0...1_000_000).contains(count)
        else { return nil }
        return .seconds(count * unit)
    }
}
