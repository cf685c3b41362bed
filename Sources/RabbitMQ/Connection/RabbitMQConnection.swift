/// One connection to a broker, driven by a thread of its own.
///
/// ```
///   any task or thread                     the connection's thread
///   ──────────────────                     ───────────────────────
///   publish, ack, declare …  ──commands─▶  librabbitmq ⇄ socket ⇄ broker
///   onEvent(…)               ◀───────────  deliveries, settlements, close
/// ```
///
/// No call of this type blocks the caller's thread, and nothing that blocks runs on Swift's cooperative pool. The
/// connection closes when the last reference to it and to its channels is gone; `close()` does so in an orderly way.
public final class RabbitMQConnection: Sendable {
    let core: ConnectionCore

    private init(core: ConnectionCore) { self.core = core }

    deinit { core.abandon() }

    /// Connects and logs in, to whichever of the configuration's brokers takes it.
    ///
    /// `onEvent` is called on the connection's thread: it must return quickly and must never wait for this connection.
    ///
    /// - Throws: `.refused`, `.authentication`, `.notFound` (virtual host), `.tls`, `.timedOut`, `.protocolViolation`,
    ///   `.connectionLost`, or `.invalidArgument` for a configuration that cannot be used.
    public static func open(
        _ configuration: RabbitMQConnectionConfiguration,
        onEvent: @escaping @Sendable (RabbitMQConnectionEvent) -> Void = { _ in }
    ) async throws(RabbitMQError) -> RabbitMQConnection {
        try configuration.validate()
        return RabbitMQConnection(core: try await ConnectionCore.open(configuration, onEvent: onEvent))
    }

    /// Opens a channel. With `confirms`, every publication on it is settled.
    ///
    /// `onEvent` is called on the connection's thread: it must return quickly and must never wait for this connection.
    ///
    /// - Throws: the error that closed the connection, `.blocked`, `.timedOut`, or `.notAllowed` when the broker's
    ///   limit on channels is reached.
    public func openChannel(
        confirms: Bool = true,
        onEvent: @escaping @Sendable (RabbitMQChannelEvent) -> Void = { _ in }
    ) async throws(RabbitMQError) -> RabbitMQChannel {
        let channel = ChannelCore(
            id: core.makeChannelID(),
            confirms: confirms,
            limit: core.configuration.publishQueue,
            onEvent: onEvent
        )
        _ = try await core.call(channel, .openChannel)
        let handle = RabbitMQChannel(connection: self, core: channel)
        if confirms { _ = try await core.call(channel, .selectConfirms) }
        return handle
    }

    /// Sends what is queued as far as the broker takes it, says goodbye, and closes. Takes two seconds at most, also
    /// on a dead or blocked peer. Publications without a confirm by then are undecided.
    public func close() async { await core.close() }

    /// What the broker says of itself: `product`, `version`, `cluster_name`, `capabilities` and more. It need not be true.
    public var serverProperties: RabbitMQTable { core.serverProperties }

    /// Which of the configuration's brokers it is connected to.
    public var broker: RabbitMQConnectionConfiguration.Broker {
        core.address?.broker ?? core.configuration.brokers[0]
    }

    /// Why the connection is closed; `nil` while it is open.
    public var closeReason: RabbitMQError? { core.closeReason }

    /// Throws why the connection is closed once it is, after its channels were told; returns when the waiting task is
    /// canceled.
    public func untilClosed() async throws(RabbitMQError) {
        if let reason = await core.end() { throw reason }
    }
}
