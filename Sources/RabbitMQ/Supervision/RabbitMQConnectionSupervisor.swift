import Synchronization

/// Keeps a connection: connects, lets the caller work with it, and starts over when the connection or the work fails.
///
/// ```
///   connecting ──▶ connected ──▶ settled
///       ▲  back-off    │            │
///       └──────────────┴── failed ──┘          until the work is done, or a failure is not worth another attempt
/// ```
///
/// The work begins again on every connection: it declares what it needs, opens channels, and then does what it is for.
/// When the connection is lost the work is canceled, and the next connection is opened once it has ended:
/// ```swift
/// try await supervisor.run { connection in
///     let (orders, feed) = AsyncStream.makeStream(of: [RabbitMQDelivery].self)
///     let channel = try await connection.openChannel { event in
///         if case .deliveries(let deliveries) = event { feed.yield(deliveries) }
///     }
///     try await channel.consume("orders")
///     for await batch in orders {
///         for delivery in batch {
///             try await book(delivery)
///             channel.ack(delivery.tag)
///         }
///     }
/// }
/// ```
/// Of several brokers the next connection goes to another one when a broker is lost, or fails in the midst of the work.
///
/// Unless the caller says otherwise no failure ends it, not even a wrong password: someone may correct it at the
/// broker.
public final class RabbitMQConnectionSupervisor: Sendable {
    /// How it stands with the connection.
    public enum State: Sendable {
        /// `run` was not called yet.
        case idle
        /// An attempt is under way, or waited for. `attempt` counts from 1 since the last connection that lasted, and
        /// `lastError` is why the one before has failed.
        case connecting(attempt: Int, lastError: (any Error)?)
        /// There is a connection, and the work has begun.
        case connected
        /// Connection and work have lasted for a moment: what kept them from it before is over.
        case settled
        /// `run` has ended.
        case stopped
    }

    private let configuration: RabbitMQConnectionConfiguration
    private let backoff: RabbitMQBackoff
    private let settling: Duration
    private let isRetriable: @Sendable (any Error) -> Bool
    private let onEvent: @Sendable (RabbitMQConnectionEvent) -> Void
    private let onState: @Sendable (State) -> Void
    private let current = Mutex(State.idle)

    /// - Parameters:
    ///   - backoff: the pauses between attempts. A connection that has lasted for longer than the longest of them begins
    ///     with the shortest again.
    ///   - settling: after how long a connection counts as settled.
    ///   - isRetriable: whether another attempt may mend what the work has thrown, or what came of connecting.
    ///   - onEvent: hears of the events of every connection, on that connection's thread.
    ///   - onState: called at every change of the state, one call at a time, and must return quickly.
    public init(
        _ configuration: RabbitMQConnectionConfiguration,
        backoff: RabbitMQBackoff = RabbitMQBackoff(),
        settling: Duration = .seconds(1),
        isRetriable: @escaping @Sendable (any Error) -> Bool = { _ in true },
        onEvent: @escaping @Sendable (RabbitMQConnectionEvent) -> Void = { _ in },
        onState: @escaping @Sendable (State) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.backoff = backoff
        self.settling = settling
        self.isRetriable = isRetriable
        self.onEvent = onEvent
        self.onState = onState
    }

    /// How it stands now.
    public var state: State { current.withLock { $0 } }

    /// Returns when `work` has returned over a connection that is still open, or when the task is canceled. Each
    /// connection is closed in an orderly way.
    ///
    /// - Parameter work: is canceled when its connection is lost or closed, and begins again on the next one whatever
    ///   it returns then. What it must not leave half done it shields from its cancellation itself.
    /// - Throws: `.invalidArgument` when the configuration cannot be used, and what is not retriable.
    public func run(_ work: @escaping @Sendable (RabbitMQConnection) async throws -> Void) async throws {
        defer { report(.stopped) }
        try configuration.validate()
        report(.connecting(attempt: 1, lastError: nil))
        var failures = 0
        var generator = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            let start = ContinuousClock.now
            do {
                return try await attempt(work)
            } catch {
                if Task.isCancelled, Self.isCancellation(error) { return }
                guard isRetriable(error) else { throw error }
                guard !Task.isCancelled else { return }
                // A connection that dies at once, again and again, must not be opened at once, again and again.
                failures = ContinuousClock.now - start > backoff.cap ? 1 : failures + 1
                report(.connecting(attempt: failures + 1, lastError: error))
                try? await Task.sleep(for: backoff.delay(failures: failures, using: &generator))
            }
        }
    }

    /// One connection, from its opening to its end.
    private func attempt(_ work: @escaping @Sendable (RabbitMQConnection) async throws -> Void) async throws {
        let connection = try await RabbitMQConnection.open(configuration, onEvent: onEvent)
        report(.connected)
        let lost: RabbitMQError?
        do {
            async let _: Void = reportOnceSettled()
            try await Self.carryOut(work, over: connection)
            lost = Task.isCancelled ? nil : connection.closeReason
        } catch {
            let reason = connection.closeReason
            if reason == nil, (error as? RabbitMQError)?.mayNotBeSoElsewhere == true { connection.core.leaveBroker() }
            await connection.close()
            // That the work was canceled says nothing of why.
            throw Self.isCancellation(error) && !Task.isCancelled ? reason ?? error : error
        }
        await connection.close()
        if let lost { throw lost }
    }

    /// Returns when the work has ended, by itself or since its connection has.
    private static func carryOut(
        _ work: @escaping @Sendable (RabbitMQConnection) async throws -> Void,
        over connection: RabbitMQConnection
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await work(connection) }
            group.addTask { try? await connection.untilClosed() }
            try await group.next()
            group.cancelAll()
            // Of the work, when the connection was first: what it throws then is worth more than its cancellation.
            try await group.next()
        }
    }

    private static func isCancellation(_ error: any Error) -> Bool {
        error is CancellationError || (error as? RabbitMQError)?.code == .cancelled
    }

    private func reportOnceSettled() async {
        try? await Task.sleep(for: settling)
        if !Task.isCancelled { report(.settled) }
    }

    private func report(_ state: State) {
        current.withLock { $0 = state }
        onState(state)
    }
}
