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
    /// How long an attempt may go without reporting progress; unlimited when nil.
    ///
    /// Each ``ActivityContext/reportProgress(_:)-(Encodable)`` is a sign of life, and so is the beginning. An attempt that gives
    /// none for this long fails with a ``Failure`` of the type `HeartbeatTimeout`: its worker is frozen, gone or stuck. The
    /// retry policy goes on from there, a late answer is dropped, and the worker's task is canceled where it still runs.
    ///
    /// With it, the last report is kept as well: the next attempt finds it in
    /// ``ActivityContext/lastProgress(as:)``, and so does another worker that takes over the same attempt. A node that is
    /// killed may lose the reports of the last second before it. After the partition has been taken over, an attempt has
    /// its whole time again, since its reports may have been lost on the way.
    ///
    /// Reports are limited to five a second, and may wait for a busy node or broker: give several seconds at least.
    public var heartbeat: Duration?

    /// Creates options; without any, an activity is attempted once and has all the time it needs.
    public init(
        retry: RetryPolicy = .never,
        scheduleToStart: Duration? = nil,
        startToClose: Duration? = nil,
        heartbeat: Duration? = nil
    ) {
        self.heartbeat = heartbeat
        self.retry = retry
        self.scheduleToStart = scheduleToStart
        self.startToClose = startToClose
    }
}
