import RabbitMQ
package import RepriseKernel

/// A hub's dead letters, for the people who look after it.
///
/// Every call takes messages off the queue on a channel of its own and gives back what it does not settle when the
/// channel closes. Two people who look at once may each see a part.
package struct DeadLetters: Sendable {
    private let endpoint: BrokerEndpoint
    private let names: HubNames

    package init(endpoint: BrokerEndpoint, hub: HubName) {
        self.endpoint = endpoint
        self.names = HubNames(hub)
    }

    /// The oldest letters, and how many there are in all.
    package func list(limit: Int = 100) async throws(HubError) -> (letters: [DeadLetterEnvelope], total: Int) {
        try await withQueue { channel, total in
            var letters: [DeadLetterEnvelope] = []
            while letters.count < limit, let delivery = try await channel.get(names.dead) {
                letters.append(DeadLetterEnvelope(delivery))
            }
            return (letters, total)
        }
    }

    package func show(_ id: String) async throws(HubError) -> DeadLetterEnvelope {
        try await withLetter(id) { letter, _, _ in letter }
    }

    /// Publishes the original again where it was first published. The letter goes once the broker has confirmed that;
    /// a crash in between leaves both.
    package func retry(_ id: String) async throws(HubError) -> DeadLetterEnvelope {
        try await withLetter(id) { letter, tag, channel in
            guard let original = letter.retry(number: 0) else {
                throw HubError(
                    .noSuchDeadLetter,
                    "the body of \(id) was too large to be kept (\(letter.original.size) bytes): its sender must send it again"
                )
            }
            try await channel.publish(
                original.message,
                exchange: original.exchange,
                routingKey: original.routingKey,
                mandatory: true
            )
            channel.ack(tag)
            return letter
        }
    }

    package func drop(_ id: String) async throws(HubError) -> DeadLetterEnvelope {
        try await withLetter(id) { letter, tag, channel in
            channel.ack(tag)
            return letter
        }
    }

    private func withLetter<Result: Sendable>(
        _ id: String,
        _ work: (DeadLetterEnvelope, UInt64, Channel) async throws -> Result
    ) async throws(HubError) -> Result {
        try await withQueue { channel, total in
            // No more than there were: a letter that is put aside again meanwhile would keep this going for ever.
            for _ in 0..<total {
                guard let delivery = try await channel.get(names.dead) else { break }
                let letter = DeadLetterEnvelope(delivery)
                if letter.id == id { return try await work(letter, delivery.tag, channel) }
            }
            throw HubError(.noSuchDeadLetter, "there is no dead letter '\(id.prefix(80))' in hub '\(names.hub)'")
        }
    }

    private func withQueue<Result: Sendable>(
        _ work: (Channel, Int) async throws -> Result
    ) async throws(HubError) -> Result {
        try await endpoint.withChannel(for: "dead letters") { channel in
            let info: QueueInfo
            do {
                info = try await channel.declareQueue(names.dead, passive: true)
            } catch let error as RabbitMQError where error.code == .notFound {
                throw HubError(.noSuchHub, "there is no hub '\(names.hub)' on the broker at \(endpoint.place)", underlying: error)
            }
            let result = try await work(channel, info.messageCount)
            // Orderly, so that an ack has arrived before the command says that it is done.
            await channel.close()
            return result
        }
    }
}
