/// What happens to a connection as a whole. Handed to `onEvent` on the connection's own thread.
public enum RabbitMQConnectionEvent: Sendable {
    /// The broker has a resource alarm and reads nothing more from this connection. Deliveries still arrive.
    case blocked(reason: String)
    /// The alarm is over.
    case unblocked
    /// Comes exactly once, and last, also after `close()` (with the code `.closed`).
    case closed(RabbitMQError)
}
