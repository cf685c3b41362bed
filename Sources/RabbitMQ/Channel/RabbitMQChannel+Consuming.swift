extension RabbitMQChannel {
    /// How many deliveries each consumer that starts *after* this call may hold unacknowledged; 0 is no limit.
    public func setPrefetch(_ count: UInt16) async throws(RabbitMQError) {
        _ = try await call(.setPrefetch(count))
    }

    /// Starts a consumer. Its messages arrive as `.deliveries`; the tag that it goes by is returned.
    ///
    /// `exclusive` locks out all other consumers, on classic queues only: quorum queues and streams accept several.
    /// Deliveries may arrive before this call returns.
    ///
    /// - Throws: `.accessRefused` when another consumer holds the queue, `.notFound` when there is no such queue. Both
    ///   close the channel.
    @discardableResult
    public func consume(
        _ queue: String,
        tag: String = "",
        exclusive: Bool = false,
        noAck: Bool = false,
        arguments: RabbitMQTable = [:]
    ) async throws(RabbitMQError) -> String {
        let consumer = Subscription(queue: queue, tag: tag, exclusive: exclusive, noAck: noAck, arguments: arguments)
        let reply = try await call(.consume(consumer))
        guard case .consuming(let tag) = reply else { throw Self.unexpected(reply) }
        return tag
    }

    /// Ends a consumer. No delivery for it arrives after this call has returned.
    public func cancel(_ tag: String) async throws(RabbitMQError) {
        _ = try await call(.cancel(tag))
    }

    /// Fetches one message, or `nil` when the queue has none ready. On a stream the broker closes the whole connection.
    public func get(_ queue: String, noAck: Bool = false) async throws(RabbitMQError) -> RabbitMQDelivery? {
        let reply = try await call(.get(queue, noAck: noAck))
        guard case .got(let delivery) = reply else { throw Self.unexpected(reply) }
        return delivery
    }

    /// Tells the broker that a delivery (with `multiple`: that, and all before it on this channel) is done with.
    ///
    /// Never waits. A tag that is unknown to the broker closes the channel with `.preconditionFailed`; on a channel that
    /// is closed this does nothing.
    public func ack(_ tag: UInt64, multiple: Bool = false) {
        acknowledge(Acknowledgement(tag: tag, multiple: multiple, kind: .ack))
    }

    /// Gives a delivery (with `multiple`: that, and all before it on this channel) back, to be delivered again or, without
    /// `requeue`, to be dead-lettered or dropped. On a stream the broker closes the whole connection.
    public func nack(_ tag: UInt64, multiple: Bool = false, requeue: Bool) {
        acknowledge(Acknowledgement(tag: tag, multiple: multiple, kind: requeue ? .requeue : .reject))
    }

    private func acknowledge(_ acknowledgement: Acknowledgement) {
        if core.offer(acknowledgement) { connection.core.wake(core) }
    }
}
