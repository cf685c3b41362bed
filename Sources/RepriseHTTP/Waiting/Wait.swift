import HTTPTypes
import RepriseKernel

/// How long a start waits for its instance's end: `timeout` and `pollingInterval`, in seconds, when both are given.
struct Wait: Sendable {
    var timeout: Duration
    var pollingInterval: Duration

    init?(_ query: QueryParameters) throws(Problem) {
        let timeout = try Self.seconds("timeout", query)
        let interval = try Self.seconds("pollingInterval", query)
        guard let timeout, let interval else { return nil }
        guard interval <= timeout else {
            throw Problem(.badRequest, "The timeout must not be shorter than the pollingInterval")
        }
        self.timeout = .seconds(timeout)
        pollingInterval = .seconds(interval)
    }

    private static func seconds(_ name: String, _ query: QueryParameters) throws(Problem) -> Double? {
        guard let text = query[name], !text.isEmpty else { return nil }
        guard let value = Double(text), value.isFinite, (0...1e9).contains(value) else {
            throw Problem(.badRequest, "The value of '\(name)' is not a number of seconds")
        }
        return value == 0 ? nil : value
    }
}

/// `Prefer: wait=…` (RFC 7240): how many seconds a reader is willing to wait for a change.
struct PreferredWait: Sendable, Equatable {
    var seconds: Int64

    /// - Returns: nil without a preference, and for one that cannot be read: preferences are never refused.
    init?(_ fields: [String], maximum: Duration) {
        let words = fields.flatMap { $0.split { $0 == "," || $0 == ";" } }.map { $0.filter { $0 != " " }.lowercased() }
        guard let word = words.first(where: { $0.hasPrefix("wait=") }),
            let seconds = OutsideNumber(word.dropFirst("wait=".count)), seconds.value > 0
        else { return nil }
        self.seconds = min(seconds.value, maximum.components.seconds)
    }

    var duration: Duration { .seconds(seconds) }
    /// The value of `Preference-Applied`.
    var applied: String { "wait=\(seconds)" }
}

extension HTTPField.Name {
    static let prefer = Self("Prefer")!
    static let preferenceApplied = Self("Preference-Applied")!
}
