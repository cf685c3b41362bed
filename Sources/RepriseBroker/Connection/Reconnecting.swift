import Logging
import RabbitMQ

/// Runs work on its own connection, repeatedly, and reports what prevents it.
struct Reconnecting: Sendable {
    let endpoint: BrokerEndpoint
    let purpose: String
    let logger: Logger
    var backoff = RabbitMQBackoff()
    /// Why there is no connection, for those who wait for it.
    var outage = Outage()

    /// Returns when the task is canceled.
    ///
    /// `work` is canceled when its connection is lost, and begins again on the next one. Its return over a connection
    /// that is still open means that there is nothing left to do.
    ///
    /// - Throws: a ``HubError`` that another attempt would not fix.
    func run(_ work: @escaping @Sendable (LiveConnection) async throws -> Void) async throws {
        let supervisor = RabbitMQConnectionSupervisor(
            endpoint.configuration(for: purpose),
            backoff: backoff,
            isRetriable: { ($0 as? HubError)?.isRetriable ?? true },
            onEvent: endpoint.alarmed(logger),
            onState: say
        )
        try await supervisor.run { try await work(LiveConnection(connection: $0)) }
    }

    @Sendable private func say(_ state: RabbitMQConnectionSupervisor.State) {
        switch state {
        case .connecting(_, let error?):
            logger.log(level: outage.note(error) ? .warning : .debug, "\(purpose): \(error); connecting again")
        case .settled: if outage.end() { logger.notice("\(purpose): connected again") }
        case .idle, .connecting, .connected, .stopped: break
        }
    }
}
