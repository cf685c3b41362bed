package import Logging
import RabbitMQ
package import RepriseEngine
package import RepriseKernel
import Synchronization

/// Listens and speaks to the nodes of a hub: over its own connection, with a queue that dies with it.
///
/// ```
///  node ──► exchange reprise.<hub>.nodes (fanout) ──► reprise.<hub>.listener.<random> ──► all listeners
/// ```
package final class NodeDirectory: Sendable {
    package enum Event: Sendable {
        case connected
        case disconnected
        case heard(NodeAnnouncement)
        case hello
        /// Nil when the broker could not say.
        case looked(PartitionNumber, isFree: Bool?)
    }

    /// The most announcements that wait; more are dropped, since the next one says everything.
    private static let prefetch: UInt16 = 256

    private let endpoint: BrokerEndpoint
    private let names: HubNames
    private let logger: Logger
    private let onNews: @Sendable (Event) -> Void
    private let line = Mutex<Line?>(nil)

    /// Why there is no connection while there is none.
    let outage = Outage()

    /// What there is while there is a connection.
    private struct Line {
        var connection: RabbitMQConnection
        var channel: RabbitMQChannel
        var looks: BatchQueue<PartitionNumber>
    }

    /// - Parameter onNews: called on any thread, one call at a time, and must not wait.
    package init(
        endpoint: BrokerEndpoint,
        hub: HubName,
        logger: Logger,
        onNews: @escaping @Sendable (Event) -> Void
    ) {
        self.endpoint = endpoint
        self.names = HubNames(hub)
        self.logger = logger
        self.onNews = onNews
    }

    /// Listens until the task is canceled, over all breaks of the connection.
    package func run() async throws {
        let reconnecting = Reconnecting(
            endpoint: endpoint,
            purpose: "nodes of '\(names.hub)'",
            logger: logger,
            backoff: .ofNodes,
            outage: outage
        )
        try await reconnecting.run { live in try await self.listen(live) }
    }

    /// Tells all; lost when there is no connection.
    package func announce(_ announcement: NodeAnnouncement) {
        line.withLock { $0 }?.channel.publish([AnnouncementEnvelope.publication(of: announcement, names: names)])
    }

    package func sayHello() { line.withLock { $0 }?.channel.publish([AnnouncementEnvelope.hello(names)]) }

    /// Asks the broker whether a partition's lock is held; the answer comes as an event.
    ///
    /// A question about the queue rather than an attempt to take it: a refused attempt costs a channel each time.
    package func look(at partition: PartitionNumber) {
        if let line = line.withLock({ $0 }) {
            line.looks.post([partition])
        } else {
            onNews(.looked(partition, isFree: nil))
        }
    }

    /// How many messages wait in each partition's inbox; nil where the broker does not say.
    func backlogs(_ partitionCount: Int) async -> [Int?] {
        var backlogs = [Int?](repeating: nil, count: partitionCount)
        guard let connection = line.withLock({ $0?.connection }) else { return backlogs }
        for number in backlogs.indices {
            let inbox = names.inbox(PartitionNumber(number))
            backlogs[number] = (try? await connection.existingQueue(inbox))??.messageCount
        }
        return backlogs
    }

    /// What waits in the activities' queues; without those that have no queue, or of which the broker does not say.
    func backlogs(ofActivities activities: [String]) async -> [ActivityBacklog] {
        guard let connection = line.withLock({ $0?.connection }) else { return [] }
        var backlogs: [ActivityBacklog] = []
        for name in activities {
            guard let queue = (try? await connection.existingQueue(names.activity(name))) ?? nil else { continue }
            backlogs.append(ActivityBacklog(name: name, waiting: queue.messageCount, workers: queue.consumerCount))
        }
        return backlogs
    }

    /// With some more without a confirm the broker would read nothing more from this connection.
    private static let maximumUnconfirmed = 100

    private func listen(_ live: LiveConnection) async throws {
        let ended = Promise<RabbitMQError>()
        let unconfirmed = Mutex(0)
        let consumer = try await Consumer.open(
            on: live.connection,
            ended: ended,
            settle: { [names] settlements in
                let late = settlements.count { $0.outcome.isUnconfirmed }
                let all = unconfirmed.withLock { count in
                    count += late
                    return count
                }
                if all >= Self.maximumUnconfirmed {
                    let why = "A queue bound to '\(names.nodes)' accepts nothing: delete it."
                    ended.set(RabbitMQError(.unconfirmed, why))
                }
            }
        )
        let channel = consumer.channel
        let queue = names.listener(RandomID.make())
        try await channel.declareListener(queue, of: names.nodes)
        try await consumer.consume(queue, prefetch: Self.prefetch, exclusive: true)
        let looking = BatchQueue<PartitionNumber>()
        line.withLock { $0 = Line(connection: live.connection, channel: channel, looks: looking) }
        onNews(.connected)
        defer {
            line.withLock { $0 = nil }
            onNews(.disconnected)
        }
        try await consumer.run { group in
            group.addTask { try await consumer.forEachBatch { $0.forEach(self.hear) } }
            group.addTask { await self.look(looking, live.connection) }
            group.addTask { try await channel.keepBound(queue, to: self.names.nodes, making: .fanout) }
        }
    }

    private func hear(_ delivery: RabbitMQDelivery) {
        switch delivery.properties.type.flatMap(AnnouncementEnvelope.Kind.init) {
        case .announcement:
            if let announcement = delivery.body.bytes.flatMap(AnnouncementEnvelope.read) {
                onNews(.heard(announcement))
            }
        case .hello: onNews(.hello)
        case nil: break
        }
    }

    private func look(_ wanted: BatchQueue<PartitionNumber>, _ connection: RabbitMQConnection) async {
        var channel: RabbitMQChannel?
        while let partitions = await wanted.next() {
            for partition in partitions {
                do {
                    let open =
                        if let channel { channel } else { try await connection.openChannel(confirms: false) }
                    channel = open
                    let queue = try await open.declareQueue(names.owner(partition), passive: true)
                    onNews(.looked(partition, isFree: queue.consumerCount == 0))
                } catch {
                    // A missing queue closes the channel; a node that tries for the partition will find out why.
                    channel = nil
                    let isMissing = error.code == .notFound
                    onNews(.looked(partition, isFree: isMissing ? true : nil))
                }
            }
        }
    }
}

extension RabbitMQBackoff {
    /// A broker that is back is found within a second by all nodes: those that owned something before then go first.
    static let ofNodes = RabbitMQBackoff(cap: .seconds(1))
}
