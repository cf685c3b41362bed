package import Logging
import RabbitMQ
package import RepriseEngine
package import RepriseKernel
import ServiceLifecycle
import Synchronization

/// Brings a hub's status messages to a gateway's read model, also those sent while the gateway was away.
///
/// The queue is the gateway's own and durable. Messages are acked once the sink has applied them; a crash in between
/// brings them again. When the queue had to be created, or was full, the sink is told that messages may be missing.
package struct StatusSubscription: Service {
    private let endpoint: BrokerEndpoint
    private let names: HubNames
    private let queue: String
    private let sink: any StatusSink
    private let logger: Logger
    private let prefetch: UInt16 = 1_000

    /// - Throws: ``HubError`` with the code `.address` when `gateway` is not 1 to 64 of `A-Z a-z 0-9 - _`.
    package init(
        endpoint: BrokerEndpoint,
        hub: HubName,
        gateway: String,
        sink: any StatusSink,
        logger: Logger
    ) throws(HubError) {
        guard (1...64).contains(gateway.utf8.count), gateway.wholeMatch(of: /[A-Za-z0-9_-]+/) != nil else {
            throw HubError(
                .address,
                "a gateway's id must have 1 to 64 of A-Z, a-z, 0-9, '-' and '_'; '\(gateway.prefix(80))' does not"
            )
        }
        self.endpoint = endpoint
        self.names = HubNames(hub)
        self.queue = names.gatewayStatus(gateway)
        self.sink = sink
        self.logger = logger
    }

    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            let hasMissed = Atomic(false)
            try await Reconnecting(endpoint: endpoint, purpose: "status of '\(names.hub)'", logger: logger)
                .run { live in
                    do {
                        try await follow(live, hasMissed)
                    } catch let error as RabbitMQError where error.code == .notFound {
                        // The exchange was deleted, and with it the binding: messages now go nowhere.
                        hasMissed.store(true, ordering: .relaxed)
                        throw error
                    }
                }
        }
    }

    private func follow(_ live: LiveConnection, _ hasMissed: borrowing Atomic<Bool>) async throws {
        if try await prepareQueue(on: live.connection) { hasMissed.store(true, ordering: .relaxed) }
        let consumer = try await Consumer.open(on: live.connection)
        try await consumer.consume(queue, prefetch: prefetch, exclusive: true)
        // Said after the queue fills and before its messages: whatever is fetched now is older than what comes.
        if hasMissed.load(ordering: .relaxed) { await sink.mayHaveMissed() }
        hasMissed.store(false, ordering: .relaxed)
        try await consumer.run { group in
            group.addTask { try await consumer.forEachBatch { try await apply($0, consumer.channel) } }
            group.addTask { try await consumer.channel.keepBound(queue, to: names.statuses, routingKey: "#") }
        }
    }

    /// True when messages may have been lost: there was no queue, or it was full.
    private func prepareQueue(on connection: RabbitMQConnection) async throws -> Bool {
        let found = try await connection.existingQueue(queue)
        let kind = try await HubTopology.kind(of: names.hub, on: connection)
        let channel = try await connection.openChannel(confirms: false)
        try await channel.declareQueue(queue, arguments: QueueArguments.gatewayStatus(for: kind))
        try await channel.bindQueue(queue, to: names.statuses, routingKey: "#")
        await channel.close()
        guard let found else { return true }
        return found.messageCount >= QueueArguments.gatewayStatusLength
    }

    private func apply(_ deliveries: [RabbitMQDelivery], _ channel: RabbitMQChannel) async throws {
        var batch: [StatusMessage] = []
        var progress: [ProgressMessage] = []
        for delivery in deliveries {
            let message = ReceivedMessage(delivery)
            do throws(Rejection) {
                if let report = try ProgressEnvelope.read(message) {
                    progress.append(report)
                } else {
                    batch.append(try StatusEnvelope.read(message))
                }
            } catch {
                try await putAside(message, error, channel)
            }
        }
        // First: an end in the same batch ends the progress, too.
        if !progress.isEmpty { try await sink.note(progress) }
        if !batch.isEmpty { try await sink.apply(batch) }
    }

    private func putAside(_ message: ReceivedMessage, _ rejection: Rejection, _ channel: RabbitMQChannel) async throws {
        let letter = DeadLetterEnvelope(
            id: RandomID.make(),
            reason: rejection.reason,
            code: rejection.code.rawValue,
            time: .wallClock,
            original: message
        ).publication(number: 0, names: names)
        try await channel.publish(letter.message, routingKey: letter.routingKey)
    }
}
