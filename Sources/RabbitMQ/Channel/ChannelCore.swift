import Synchronization

/// What a channel's handle and its connection's thread share.
final class ChannelCore: Sendable {
    let id: UInt64
    let confirms: Bool
    let onEvent: @Sendable (ChannelEvent) -> Void
    private let inbox: Mutex<ChannelInbox>

    init(
        id: UInt64,
        confirms: Bool,
        limit: ConnectionConfiguration.PublishLimit,
        onEvent: @escaping @Sendable (ChannelEvent) -> Void
    ) {
        self.id = id
        self.confirms = confirms
        self.onEvent = onEvent
        inbox = Mutex(ChannelInbox(limit: limit))
    }

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
