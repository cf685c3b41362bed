public import RepriseKernel

/// How to try an activity again after it failed. The pauses are durable timers: a crash does not shorten them.
public struct RetryPolicy: Sendable {
    /// The total number of attempts, including the first.
    public var maximumAttempts: Int
    /// The pause after the first attempt.
    public var firstInterval: Duration
    /// The factor by which each further pause grows.
    public var backoffCoefficient: Double
    /// The longest pause.
    public var maximumInterval: Duration?
    /// No attempt begins later than this after the first one.
    public var timeout: Duration?
    /// Which failures are worth another attempt; all by default. Must decide the same in every replay.
    public var handles: @Sendable (Failure) -> Bool

    /// Creates a policy; with the defaults all pauses are equal, and only the number of attempts ends it.
    public init(
        maximumAttempts: Int,
        firstInterval: Duration,
        backoffCoefficient: Double = 1,
        maximumInterval: Duration? = nil,
        timeout: Duration? = nil,
        handles: @escaping @Sendable (Failure) -> Bool = { _ in true }
    ) {
        self.maximumAttempts = maximumAttempts
        self.firstInterval = firstInterval
        self.backoffCoefficient = backoffCoefficient
        self.maximumInterval = maximumInterval
        self.timeout = timeout
        self.handles = handles
    }

    /// One attempt: for a call of an activity whose type says otherwise.
    public static let never = RetryPolicy(maximumAttempts: 1, firstInterval: .zero)

    /// The pause before the next attempt, nil when there is none.
    package func delay(after attempt: Int, failure: Failure, began: Timestamp, now: Timestamp) -> Duration? {
        guard attempt < maximumAttempts, !failure.isNonRetriable, handles(failure) else { return nil }
        // Beyond a century the arithmetic would overflow before the wait could matter.
        let century = 3_155_760_000.0
        let first = Double(firstInterval.components.seconds) + Double(firstInterval.components.attoseconds) / 1e18
        var seconds = first
        for _ in 1..<attempt where seconds < century { seconds *= backoffCoefficient }
        // With the arguments in this order, a coefficient that is not a number gives no pause; the other way round it
        // would trap.
        var delay = Duration.seconds(min(century, max(0, seconds)))
        if let maximumInterval { delay = min(delay, maximumInterval) }
        if let timeout, now + delay > began + timeout { return nil }
        return delay
    }
}
