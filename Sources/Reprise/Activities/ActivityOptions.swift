/// How an activity is called, where the call itself says nothing else.
///
/// ```swift
/// struct Charge: Activity {
///     static let options = ActivityOptions(
///         retry: RetryPolicy(maximumAttempts: 5, firstInterval: .seconds(1), backoffCoefficient: 2),
///         startToClose: .minutes(1)
///     )
///
///     func run(_ context: ActivityContext, input order: Order) async throws -> String {
///         "payment \(context.idempotencyKey)"
///     }
/// }
/// ```
/// The orchestrator reads them when it calls the activity by its type, so they belong to the orchestrator's code: with
/// another number of attempts or other pauses, an orchestration that is being replayed may decide something else. A call by
/// name knows nothing of them.
public struct ActivityOptions: Sendable {
    /// How to try again after a failure; never by default.
    public var retry: RetryPolicy
    /// How long an attempt may wait for a worker; unlimited when nil.
    public var scheduleToStart: Duration?
    /// How long a worker may take for an attempt; unlimited when nil.
    public var startToClose: Duration?

    /// Creates options; without any, an activity is attempted once and has all the time it needs.
    public init(retry: RetryPolicy = .never, scheduleToStart: Duration? = nil, startToClose: Duration? = nil) {
        self.retry = retry
        self.scheduleToStart = scheduleToStart
        self.startToClose = startToClose
    }
}
