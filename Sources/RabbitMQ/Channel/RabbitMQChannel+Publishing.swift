extension RabbitMQChannel {
    /// Hands publications over, in order, without ever waiting. Each one taken is settled exactly once (`.settled`) if the
    /// channel has confirms; without confirms only those are which could not be sent.
    ///
    /// They are sent while the channel's window (`publishWindow`) has room, the broker does not block the connection and
    /// the socket takes bytes; until then they wait. What exceeds `publishQueue` settles at once as undecided, and so
    /// does what cannot be encoded: it was not sent, and later publications may overtake it.
    ///
    /// - Returns: `false` when the channel is closed: nothing was taken, and no settlement will come.
    @discardableResult
    public func publish(_ publications: [RabbitMQPublication]) -> Bool {
        let configuration = connection.core.configuration
        let items = publications.map { QueuedPublication($0, configuration: configuration) }
        return offer(items)
    }

    /// Publishes one message and returns when the broker has confirmed it.
    ///
    /// - Throws: `.returned`, `.rejected`, what an `.undecided` outcome says, `.invalidArgument` on a channel without
    ///   confirms, or `.cancelled`: the message may then still be sent. While the broker has a resource alarm this
    ///   waits, and ends at the latest with the connection.
    public func publish(
        _ message: RabbitMQMessage,
        exchange: String = "",
        routingKey: String,
        mandatory: Bool = true
    ) async throws(RabbitMQError) {
        guard core.confirms else {
            throw RabbitMQError(.invalidArgument, "Waiting for a confirm needs a channel with confirms.")
        }
        let publication = RabbitMQPublication(
            id: 0,
            exchange: exchange,
            routingKey: routingKey,
            mandatory: mandatory,
            message: message
        )
        let waiter = SettlementWaiter()
        let item = QueuedPublication(publication, configuration: connection.core.configuration, waiter: waiter)
        let outcome = await waiter.outcome { [self] in
            if !offer([item]) {
                waiter.settle(.undecided(closeReason ?? RabbitMQError(.closed, "The channel is closed.")))
            }
        }
        switch outcome {
        case .confirmed: return
        case .rejected:
            throw RabbitMQError(
                .rejected,
                "The broker refused the message: a queue behind \(Place(publication)) is full or gone."
            )
        case .returned(let code, let text):
            throw RabbitMQError(
                .returned,
                "No queue wanted the message for \(Place(publication)): \(text).",
                replyCode: code
            )
        case .undecided(let error): throw error
        }
    }

    private func offer(_ items: [QueuedPublication]) -> Bool {
        let taken = core.offer(items)
        if taken.needsWake { connection.core.wake(core) }
        return taken.isOpen
    }
}
