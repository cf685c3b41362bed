/// One AMQP channel: the unit of order, of confirms, of prefetch, and of failure.
///
/// The broker answers a mistake (a missing exchange, an unknown delivery tag, a queue that is someone else's) by closing
/// the channel, not the connection: the call throws, `.closed` comes as the last event, and a new channel is needed.
///
/// Calls which need an answer run one after another on a channel, each bounded by `rpcTimeout`; one slow call never
/// delays another channel. A call that timed out may still be carried out by the broker. While the broker blocks the
/// connection these calls fail with `.blocked` at once.
///
/// A channel whose last reference is gone sends what is queued, and then closes.
public final class RabbitMQChannel: Sendable {
    let connection: RabbitMQConnection
    let core: ChannelCore

    init(connection: RabbitMQConnection, core: ChannelCore) {
        self.connection = connection
        self.core = core
    }

    deinit { connection.core.abandon(core) }

    /// Closes the channel. Unacknowledged deliveries go back to their queues; unconfirmed publications are undecided.
    public func close() async {
        // An error here means that it is closed already, or that the peer is gone: either way there is nothing to do.
        _ = try? await connection.core.call(core, .closeChannel)
    }

    /// Why the channel is closed; `nil` while it is open.
    public var closeReason: RabbitMQError? { core.closeReason }

    func call(_ request: Request) async throws(RabbitMQError) -> Reply {
        try request.validate(frameMax: connection.core.configuration.frameMax)
        return try await connection.core.call(core, request)
    }

    static func unexpected(_ reply: Reply) -> RabbitMQError {
        RabbitMQError(.protocolViolation, "The broker's answer does not belong to the question.")
    }
}
