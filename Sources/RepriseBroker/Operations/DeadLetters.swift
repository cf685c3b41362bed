import RabbitMQ
package import RepriseEngine
package import RepriseKernel

/// The dead letters in the hub's queue of them.
///
/// Every call takes messages from the queue on its own channel, and what it does not settle returns when the channel
/// closes. One looks at a time, whether a gateway or a command line: a second would see only a part.
package struct DeadLetters: DeadLetterSource {
    /// The broker puts what comes back behind what was not taken: only if all are taken they stay in their order.
    private static let takenAtLeast = 1_200

    private let endpoint: BrokerEndpoint
    private let names: HubNames

    package init(endpoint: BrokerEndpoint, hub: HubName) {
        self.endpoint = endpoint
        self.names = HubNames(hub)
    }

    package func list(
        skipping skipped: Int = 0,
        limit: Int = 100,
        includingBodies: Bool = false
    ) async throws(DeadLetterError) -> DeadLetterList {
        try await withQueue { channel, total in
            var list = DeadLetterList(letters: [], total: total)
            guard limit > 0 else { return list }
            var taken: [StoredDeadLetter] = []
            for _ in 0..<min(total, max(Self.takenAtLeast, skipped + limit)) {
                guard let delivery = try await channel.get(names.dead) else { break }
                taken.append(StoredDeadLetter(DeadLetterEnvelope(delivery), includingBody: includingBodies))
            }
            // By the second; among those of one second, as they lay.
            let order = taken.indices.sorted { (taken[$0].time, $0) < (taken[$1].time, $1) }
            list.letters = order.dropFirst(skipped).prefix(limit).map { taken[$0] }
            return list
        }
    }

    package func show(_ id: String) async throws(DeadLetterError) -> StoredDeadLetter {
        try await withLetter(id) { letter, _, _ in StoredDeadLetter(letter) }
    }

    package func retry(_ id: String) async throws(DeadLetterError) -> StoredDeadLetter {
        try await withLetter(id, settles: 1) { letter, tag, channel in
            guard let original = letter.retry(number: 0) else {
                throw DeadLetterError.notKept(
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
            return StoredDeadLetter(letter)
        }
    }

    package func drop(_ id: String) async throws(DeadLetterError) -> StoredDeadLetter {
        try await withLetter(id, settles: 1) { letter, tag, channel in
            channel.ack(tag)
            return StoredDeadLetter(letter)
        }
    }

    private func withLetter(
        _ id: String,
        settles: Int = 0,
        _ work: (DeadLetterEnvelope, UInt64, RabbitMQChannel) async throws -> StoredDeadLetter
    ) async throws(DeadLetterError) -> StoredDeadLetter {
        try await withQueue(settles: settles) { channel, total in
            var found: (letter: DeadLetterEnvelope, tag: UInt64)?
            // No more than there were: a letter that is put aside again meanwhile would keep this going forever.
            for position in 0..<total where found == nil || position < Self.takenAtLeast {
                guard let delivery = try await channel.get(names.dead) else { break }
                let letter = DeadLetterEnvelope(delivery)
                if found == nil, letter.id == id { found = (letter, delivery.tag) }
            }
            guard let found else {
                throw DeadLetterError.unknown("there is no dead letter '\(id.prefix(80))' in hub '\(names.hub)'")
            }
            return try await work(found.letter, found.tag, channel)
        }
    }

    private func withQueue<Result: Sendable>(
        settles: Int = 0,
        _ work: (RabbitMQChannel, Int) async throws -> Result
    ) async throws(DeadLetterError) -> Result {
        let outcome: Swift.Result<Result, any Error>
        do {
            outcome = try await endpoint.withConnection(for: "dead letters") { live in
                try await lock(live.connection)
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
                return outcome
            }
        } catch {
            throw DeadLetterError.unavailable(error.message)
        }
        do {
            return try outcome.get()
        } catch let error as DeadLetterError {
            throw error
        } catch {
            throw DeadLetterError.unavailable("the broker at \(endpoint.place): \(error)")
        }
    }

    /// Waits until no one else looks. The lock ends with the connection, however that ends.
    private func lock(_ connection: RabbitMQConnection) async throws {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            do {
                try await connection.withChannel { channel in
                    try await channel.declareQueue(
                        names.deadLock,
                        durable: false,
                        exclusive: true,
                        arguments: QueueArguments.trial
                    )
                }
                return
            } catch let error as RabbitMQError where error.code == .resourceLocked {
                guard ContinuousClock.now < deadline else {
                    throw HubError(
                        .broker,
                        "others have been looking at the dead letters for \(Self.patience): try again"
                    )
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    private static let patience = Duration.seconds(10)

    /// Waits for the broker to put back what was taken: the next caller would find letters missing.
    ///
    /// A program of someone else's may hold some, so this wait is limited.
    private func untilReturned(_ count: Int, _ connection: RabbitMQConnection) async throws {
        for _ in 0..<50 {
            let found = try await connection.existingQueue(names.dead)?.messageCount ?? 0
            if found >= count { return }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

extension StoredDeadLetter {
    /// - Parameter includingBody: false leaves the headers out, too.
    init(_ envelope: DeadLetterEnvelope, includingBody: Bool = true) {
        let original = envelope.original
        let headers = original.properties.headers
        var kept: [UInt8]?
        if case .bytes(let bytes) = original.body { kept = bytes }
        self.init(id: envelope.id, reason: envelope.reason, code: envelope.code, time: envelope.time)
        (exchange, routingKey) = (original.exchange, original.routingKey)
        (size, isKept) = (original.size, kept != nil)
        type = original.properties.type
        messageID = original.properties.messageID
        correlationID = original.properties.correlationID
        contentType = original.properties.contentType
        appID = original.properties.appID
        instance = headers[RepriseBroker.Header.instance]?.stringValue ?? correlationID
        guard includingBody else { return }
        self.headers = headers.sorted { $0.key < $1.key }.map { Header($0.key, $0.value.shown) }
        body = kept
    }
}

extension RabbitMQFieldValue {
    fileprivate var shown: String {
        switch self {
        case .string(let text): text
        case .bool(let value): "\(value)"
        case .int(let value), .timestamp(let value): "\(value)"
        case .double(let value): "\(value)"
        default: "…"
        }
    }
}
