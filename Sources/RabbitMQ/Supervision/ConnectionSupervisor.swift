import Synchronization

/// Keeps a connection open: connects, lets the caller set it up, and starts over when it is lost.
///
/// ```
///   connecting ──▶ setting up ──▶ connected ⇄ blocked
///       ▲   back-off   │              │
///       └──────────────┴── closed ────┘
/// ```
///
/// `setup` runs on every new connection: it declares the topology, opens channels and starts consumers. When it throws,
/// or the connection closes while it runs (its task is then cancelled), the next attempt follows after a back-off. No
/// failure ends the supervision, not even a wrong password: somebody may correct it at the broker.
public final class ConnectionSupervisor: Sendable {
    public enum State: Sendable {
        /// `run` was not called yet.
        case idle
        /// An attempt is under way, or waited for. `attempt` counts from 1 since the last connection that lasted.
        case connecting(attempt: Int, lastError: (any Error)?)
        /// `setup` has returned.
        case connected
        /// Connected, but the broker has a resource alarm.
        case blocked(reason: String)
        /// `run` has ended.
        case stopped
    }

    private let configuration: ConnectionConfiguration
    private let backoff: Backoff
    private let onState: @Sendable (State) -> Void
    private let setup: @Sendable (Connection) async throws -> Void
    private let current = Mutex(State.idle)

    /// `onState` is called at every change of the state, one call at a time, and must return quickly.
    public init(
        _ configuration: ConnectionConfiguration,
        backoff: Backoff = Backoff(),
        onState: @escaping @Sendable (State) -> Void = { _ in },
        setup: @escaping @Sendable (Connection) async throws -> Void
    ) {
        self.configuration = configuration
        self.backoff = backoff
        self.onState = onState
        self.setup = setup
    }

    public var state: State { current.withLock { $0 } }

    /// Runs until its task is cancelled, then closes the connection in an orderly way and returns.
    ///
    /// - Throws: `.invalidArgument` when the configuration cannot be used.
    public func run() async throws(RabbitMQError) {
        try configuration.validate()
        var failures = 0
        var lastError: (any Error)?
        var generator = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            report(.connecting(attempt: failures + 1, lastError: lastError))
            let start = ContinuousClock.now
            lastError = await session()
            // A connection that dies at once, again and again, must not be re-opened at once, again and again.
            failures = ContinuousClock.now - start > backoff.cap ? 1 : failures + 1
            try? await Task.sleep(for: backoff.delay(failures: failures, using: &generator))
        }
        report(.stopped)
    }

    private enum Happening {
        case setUp(failure: (any Error)?)
        case event(ConnectionEvent)
    }

    /// One connection from its opening to its end; says why it ended, or `nil` when the task was cancelled.
    private func session() async -> (any Error)? {
        // Few, and only the newest matter: `closed` comes last.
        let (happenings, feed) = AsyncStream.makeStream(of: Happening.self, bufferingPolicy: .bufferingNewest(64))
        do {
            let connection = try await Connection.open(configuration) { feed.yield(.event($0)) }
            let end = await withTaskGroup { group in
                group.addTask { [setup] in
                    do {
                        try await setup(connection)
                        feed.yield(.setUp(failure: nil))
                    } catch {
                        feed.yield(.setUp(failure: error))
                    }
                }
                defer { group.cancelAll() }
                return await follow(happenings)
            }
            await connection.close()
            return end
        } catch {
            return error
        }
    }

    /// Reports what happens to a connection until it ends, its setup fails, or the task is cancelled (`nil`).
    private func follow(_ happenings: AsyncStream<Happening>) async -> (any Error)? {
        var isSetUp = false
        var blockedReason: String?
        for await happening in happenings {
            switch happening {
            case .setUp(let failure?): return failure
            case .setUp(nil): isSetUp = true
            case .event(.blocked(let reason)): blockedReason = reason
            case .event(.unblocked): blockedReason = nil
            case .event(.closed(let error)): return error
            }
            if let blockedReason {
                report(.blocked(reason: blockedReason))
            } else if isSetUp {
                report(.connected)
            }
        }
        return nil
    }

    private func report(_ state: State) {
        current.withLock { $0 = state }
        onState(state)
    }
}
