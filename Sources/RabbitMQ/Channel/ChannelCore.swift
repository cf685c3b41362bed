import Synchronization

/// The listener for a channel's events.
struct Listener: Sendable {
    let onEvent: @Sendable (RabbitMQChannelEvent) -> Void
}

/// What a channel's handle and its connection's thread share.
final class ChannelCore: Sendable {
    let id: UInt64
    let confirms: Bool
    private let listener: Mutex<Listener?>
    private let inbox: Mutex<ChannelInbox>

    init(
        id: UInt64,
        confirms: Bool,
        limit: RabbitMQConnectionConfiguration.PublishLimit,
        onEvent: @escaping @Sendable (RabbitMQChannelEvent) -> Void
    ) {
        self.id = id
        self.confirms = confirms
        listener = Mutex(Listener(onEvent: onEvent))
        inbox = Mutex(ChannelInbox(limit: limit))
    }

    /// The listener, for the thread to keep until the channel has closed: a listener usually holds the channel.
    func takeListener() -> Listener? { listener.withLock { $0.take() } }

    var closeReason: RabbitMQError? { inbox.withLock { $0.closeReason } }

    func offer(_ publications: [QueuedPublication]) -> ChannelInbox.Taken {
        inbox.withLock { $0.offer(publications) }
    }

    /// Whether the connection's thread must be told.
    func offer(_ acknowledgement: Acknowledgement) -> Bool {
        inbox.withLock { $0.offer(acknowledgement).needsWake }
    }

    func take() -> ChannelInbox.Contents { inbox.withLock { $0.take() } }

    func sent(messages: Int, bytes: Int) { inbox.withLock { $0.sent(messages: messages, bytes: bytes) } }

    func setBlocked(_ reason: String?) { inbox.withLock { $0.setBlocked(reason) } }

    func close(_ reason: RabbitMQError) -> ChannelInbox.Contents? { inbox.withLock { $0.close(reason) } }
}
