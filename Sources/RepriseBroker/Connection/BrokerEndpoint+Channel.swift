import RabbitMQ

extension BrokerEndpoint {
    /// A connection of its own, closed when `work` is done.
    func withConnection<Result: Sendable>(
        for purpose: String,
        _ work: (LiveConnection) async throws -> Result
    ) async throws(HubError) -> Result {
        do {
            let live = try await open(for: purpose)
            do {
                let result = try await work(live)
                await live.connection.close()
                return result
            } catch {
                await live.connection.close()
                throw error
            }
        } catch let error as HubError {
            throw error
        } catch let error as RabbitMQError {
            throw HubError(.broker, "the broker at \(place): \(error.message)", underlying: error)
        } catch {
            throw HubError(.broker, "the broker at \(place): \(error)")
        }
    }
}

extension RabbitMQChannel {
    /// How often a listener binds its queue again.
    fileprivate static let interval = Duration.seconds(2)
    /// By then all of them have found that an exchange is gone.
    static let timeToNotice = interval + .seconds(1)

    /// Binds a queue repeatedly: a deleted exchange takes its bindings along, and no one is told.
    ///
    /// - Parameter kind: also creates the exchange when it is gone; nil when its absence must be noticed.
    /// - Throws: ``RabbitMQError`` when the channel is closed: with the code `.notFound` when there is no such exchange.
    func keepBound(
        _ queue: String,
        to exchange: String,
        routingKey: String = "",
        making kind: RabbitMQExchangeKind? = nil,
        clock: any Clock<Duration> = ContinuousClock()
    ) async throws {
        while true {
            try await clock.sleep(for: Self.interval)
            do {
                if let kind { try await declareExchange(exchange, kind: kind) }
                try await bindQueue(queue, to: exchange, routingKey: routingKey)
            } catch {
                // Without these it was too slow, or blocked: the binding may still be there.
                guard closeReason == nil, error.code != .notFound else { throw error }
            }
        }
    }
}

extension RabbitMQConnection {
    /// Binds a queue again and again until the task is canceled, also once a deleted exchange is back. The listener is
    /// not told of messages missed meanwhile.
    func keepBound(
        _ queue: String,
        to exchange: String,
        routingKey: String,
        clock: any Clock<Duration> = ContinuousClock()
    ) async {
        while !Task.isCancelled {
            do {
                // A channel of its own, since the broker closes it when there is none.
                let channel = try await openChannel(confirms: false)
                try await channel.keepBound(queue, to: exchange, routingKey: routingKey, clock: clock)
            } catch {
                // The nodes make the exchange again; a lost connection is its owner's to see.
                try? await clock.sleep(for: RabbitMQChannel.interval)
            }
        }
    }

    /// A channel of its own for something that the broker may refuse by closing it.
    func withChannel(_ work: (RabbitMQChannel) async throws -> Void) async throws {
        let channel = try await openChannel(confirms: false)
        try await work(channel)
        await channel.close()
    }

    /// What the broker says about a queue, without creating it; `nil` when there is none.
    func existingQueue(_ name: String) async throws(RabbitMQError) -> RabbitMQQueueInfo? {
        // A channel of its own, since the broker closes it when there is none.
        let channel = try await openChannel(confirms: false)
        do {
            let info = try await channel.declareQueue(name, passive: true)
            await channel.close()
            return info
        } catch  where error.code == .notFound {
            return nil
        }
    }

    /// Whether there is an exchange with that name, of whatever kind.
    func hasExchange(_ name: String) async throws(RabbitMQError) -> Bool {
        let channel = try await openChannel(confirms: false)
        do {
            try await channel.declareExchange(name, kind: .fanout, passive: true)
            await channel.close()
            return true
        } catch  where error.code == .notFound {
            return false
        }
    }
}
