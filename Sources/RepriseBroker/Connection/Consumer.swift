import RabbitMQ

/// A channel on which queues are consumed: what they deliver and, once that is over, why.
///
/// ```
///  queues ──► deliveries ──► next, forEachBatch          at the pace of the one task that works on them
///                       └──► take                        or on the connection's own thread, as fast as they come
///  a queue is deleted, or the channel is closed ──► ended, and after what has come by then next is nil
/// ```
/// A consumer goes by the name of its queue. The channel closes when it is released.
struct Consumer: Sendable {
    /// For acks and publications.
    let channel: RabbitMQChannel
    /// Why nothing more comes. Code with another reason to start over sets that.
    let ended: Promise<RabbitMQError>
    private let arrivals: BatchQueue<RabbitMQDelivery>

    /// Opens the channel. Nothing is consumed yet.
    ///
    /// - Parameters:
    ///   - ended: what is told of the end, where several channels are of no use without each other.
    ///   - settle: hears what became of publications, on the connection's thread.
    ///   - take: gets the deliveries in place of ``next()``, on the connection's thread.
    static func open(
        on connection: RabbitMQConnection,
        confirms: Bool = true,
        ended: Promise<RabbitMQError> = Promise(),
        settle: @escaping @Sendable ([RabbitMQSettlement]) -> Void = { _ in },
        take: (@Sendable ([RabbitMQDelivery]) -> Void)? = nil
    ) async throws(RabbitMQError) -> Consumer {
        let arrivals = BatchQueue<RabbitMQDelivery>()
        let take = take ?? { arrivals.post($0) }
        let channel = try await connection.openChannel(confirms: confirms) { event in
            switch event {
            case .deliveries(let deliveries): return take(deliveries)
            case .settled(let settlements): return settle(settlements)
            case .flow: return
            case .consumerCancelled(let queue): ended.set(RabbitMQError(.notFound, "The queue '\(queue)' was deleted."))
            case .closed(let error): ended.set(error)
            }
            arrivals.finish()
        }
        return Consumer(channel: channel, ended: ended, arrivals: arrivals)
    }

    /// - Parameter prefetch: how much may be unacknowledged; as it was set before where there is none.
    /// - Throws: `.accessRefused` when another consumer holds the queue, `.notFound` when there is no such queue. Both
    ///   close the channel.
    func consume(
        _ queue: String,
        prefetch: UInt16? = nil,
        exclusive: Bool = false,
        noAck: Bool = false,
        arguments: RabbitMQTable = [:]
    ) async throws(RabbitMQError) {
        if let prefetch { try await channel.setPrefetch(prefetch) }
        try await channel.consume(queue, tag: queue, exclusive: exclusive, noAck: noAck, arguments: arguments)
    }

    /// Nothing of the queue arrives after this has returned.
    func cancel(_ queue: String) async throws(RabbitMQError) { try await channel.cancel(queue) }

    /// Everything available, as soon as there is something; nil after the end, and when the task is canceled.
    func next() async -> [RabbitMQDelivery]? { await arrivals.next() }

    /// Acks these deliveries and all before them.
    func ack(_ deliveries: [RabbitMQDelivery]) {
        if let last = deliveries.last { channel.ack(last.tag, multiple: true) }
    }

    /// Hands over what comes, everything available at a time, and acks it when `work` returns.
    ///
    /// Returns when the task is canceled; throws why nothing comes any more, or what `work` throws.
    func forEachBatch(_ work: ([RabbitMQDelivery]) async throws -> Void) async throws {
        while let deliveries = await next() {
            try await work(deliveries)
            ack(deliveries)
        }
        try await untilEnded()
    }

    /// Throws why nothing comes any more once that is so; returns when the task is canceled.
    func untilEnded() async throws {
        if let error = await ended.value(), !Task.isCancelled { throw error }
    }

    /// Does what `add` adds until the consumer has ended, which is thrown, or one of it ends.
    func run(_ add: (inout ThrowingTaskGroup<Void, any Error>) -> Void = { _ in }) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await untilEnded() }
            add(&group)
            try await group.next()
        }
    }
}
