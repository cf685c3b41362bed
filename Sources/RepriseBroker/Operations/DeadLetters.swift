import RabbitMQ
package import RepriseKernel

/// A hub's dead letters, for the people who look after it.
///
/// Every call takes messages from the queue on its own channel, and what it does not settle returns when the channel
/// closes. Two people who look at once may each see a part.
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

    /// Publishes the original again where it was first published. The letter is removed once the broker has confirmed
    /// that; a crash in between leaves both.
    package func retry(_ id: String) async throws(HubError) -> DeadLetterEnvelope {
        try await withLetter(id, settles: 1) { letter, tag, channel in
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
        try await withLetter(id, settles: 1) { letter, tag, channel in
            channel.ack(tag)
            return letter
        }
    }

    private func withLetter<Result: Sendable>(
        _ id: String,
        settles: Int = 0,
        _ work: (DeadLetterEnvelope, UInt64, RabbitMQChannel) async throws -> Result
    ) async throws(HubError) -> Result {
        try await withQueue(settles: settles) { channel, total in
            // No more than there were: a letter that is put aside again meanwhile would keep this going forever.
            for _ in 0..<total {
                guard let delivery = try await channel.get(names.dead) else { break }
                let letter = DeadLetterEnvelope(delivery)
                if letter.id == id { return try await work(letter, delivery.tag, channel) }
            }
            throw HubError(.noSuchDeadLetter, "there is no dead letter '\(id.prefix(80))' in hub '\(names.hub)'")
        }
    }

    private func withQueue<Result: Sendable>(
        settles: Int = 0,
        _ work: (RabbitMQChannel, Int) async throws -> Result
    ) async throws(HubError) -> Result {
        try await endpoint.withConnection(for: "dead letters") { live in
            guard let total = try await live.connection.existingQueue(names.dead)?.messageCount else {
                throw HubError(.noSuchHub, "there is no hub '\(names.hub)' on the broker at \(endpoint.place)")
            }
            let channel = try await live.connection.openChannel()
            let outcome: Swift.Result<Result, any Error>
            do {
                outcome = .success(try await work(channel, total))
            } catch {
                outcome = .failure(error)
            }
            await channel.close()
            let gone = if case .success = outcome { settles } else { 0 }
            try await untilReturned(total - gone, live.connection)
            return try outcome.get()
        }
    }

    /// Waits for the broker to put back what was taken: the next caller would find letters missing.
    ///
    /// Others may hold some, so this wait is limited.
    private func untilReturned(_ count: Int, _ connection: RabbitMQConnection) async throws {
        for _ in 0..<50 {
            let found = try await connection.existingQueue(names.dead)?.messageCount ?? 0
            if found >= count { return }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
