import Logging
import RabbitMQ
import Synchronization

/// A connection only for publishing to queues that may not accept messages, kept open beside those that ownership
/// depends on.
///
/// A broker that waits for one queue stops reading from whole connections: the one with the locks must not be among them.
final class PublishingLine: Sendable {
    /// So few that a queue that accepts nothing never makes the broker stop reading: a channel of RabbitMQ has credit
    /// for 200 messages at least, wherever it stood.
    static let window = 192

    private let current = Mutex(Promise<LiveConnection>())

    /// Keeps the connection open until the task is canceled.
    func run(at endpoint: BrokerEndpoint, for purpose: String, logger: Logger) async throws {
        var endpoint = endpoint
        endpoint.configuration.publishWindow.messages = Self.window
        // Short: others wait.
        let backoff = RabbitMQBackoff(base: .milliseconds(50), cap: .seconds(1))
        try await Reconnecting(endpoint: endpoint, purpose: purpose, logger: logger, backoff: backoff).run {
            [self] live in
            current.withLock { $0 }.set(live)
            defer { current.withLock { $0 = Promise() } }
            try await live.untilLost()
        }
    }

    /// The connection, once there is one; nil when the waiting task was canceled.
    func connection() async -> LiveConnection? { await current.withLock { $0 }.value() }
}
