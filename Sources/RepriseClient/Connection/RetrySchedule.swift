import RepriseKernel

/// How long to keep trying, and when to try again: it decides, and never waits itself.
package struct RetrySchedule: Sendable {
    /// Nil forever.
    package var timeout: Duration?
    private var failures = 0

    private static let first = Duration.milliseconds(100)
    private static let longest = Duration.seconds(5)

    package init(timeout: Duration?) { self.timeout = timeout }

    /// Whether an answer may be temporary.
    package static func mayPass(_ status: Int) -> Bool { [408, 429, 502, 503, 504].contains(status) }

    /// The pause before the next try; nil when there is no time for another.
    ///
    /// - Parameters:
    ///   - elapsed: since the first try began.
    ///   - retryAfter: what the gateway has asked for; the pause is never shorter.
    ///   - fraction: from 0 to 1, random.
    package mutating func pause(elapsed: Duration, retryAfter: Duration? = nil, fraction: Double) -> Duration? {
        failures += 1
        let most = Self.first.doubled(after: failures, atMost: Self.longest)
        // Between half of it and all of it.
        let drawn = most * (0.5 + 0.5 * min(1, max(0, fraction)))
        let pause = max(drawn, retryAfter ?? .zero)
        guard let timeout else { return pause }
        return elapsed + pause < timeout ? pause : nil
    }

    /// An answer came: the next failure is the first one again.
    package mutating func succeeded() { failures = 0 }
}
