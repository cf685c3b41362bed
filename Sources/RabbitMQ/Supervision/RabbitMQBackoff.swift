/// How long to wait before the next attempt: doubling up to a cap, with jitter so that a crowd does not come back at once.
public struct RabbitMQBackoff: Sendable, Equatable {
    /// The longest wait before the second attempt.
    public var base: Duration
    /// The longest wait at all.
    public var cap: Duration

    /// Waits between half of a limit and the limit, which doubles from `base` to `cap`.
    public init(base: Duration = .milliseconds(100), cap: Duration = .seconds(5)) {
        self.base = base
        self.cap = cap
    }

    /// The longest wait after `failures` attempts in a row have failed (1 or more).
    public func ceiling(failures: Int) -> Duration {
        // 2^40 times anything worth waiting for is beyond every cap.
        let doublings = min(max(failures - 1, 0), 40)
        return min(base * (1 << doublings), cap)
    }

    /// A wait between half of the ceiling and the ceiling.
    public func delay(failures: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        ceiling(failures: failures) * Double.random(in: 0.5...1, using: &generator)
    }
}
