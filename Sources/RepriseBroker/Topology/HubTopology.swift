package import Logging
import RabbitMQ
package import RepriseKernel

/// Creates a hub on a broker: its exchanges, and the queues of the hub and its partitions.
///
/// ```
///  0  no record?           a hub whose record is gone still has its size and its queues: another count is refused
///  1  record queue         refuses another partition count: first of all, so that two creators cannot disagree
///  2  everything else      idempotent, in any order, by any number of nodes at once
///  3  a pause of 2 s       a quorum queue younger than half a second does not survive a kill -9 of the broker
///  4  messages in record   "complete": later nodes skip the pause; as many as partitions, for those who ask
/// ```
/// What is emptied or deleted afterwards is restored by the running nodes (``HubKeeper``).
package struct HubTopology: Sendable {
    package let hub: HubName
    package let partitionCount: Int
    package let inboxType: InboxType
    package let brokers: BrokerKind
    private let names: HubNames
    /// Shorter only where the broker is sure to live on.
    var settlingTime = Duration.seconds(2)
    static let maximumPartitions = 1_024

    /// - Parameter inboxType: of a hub for one broker; one for a cluster has quorum inboxes.
    package init(
        hub: HubName,
        partitionCount: Int,
        inboxType: InboxType = .classic,
        brokers: BrokerKind = .one
    ) {
        self.hub = hub
        self.partitionCount = partitionCount
        self.inboxType = brokers == .cluster ? .quorum : inboxType
        self.brokers = brokers
        self.names = HubNames(hub)
    }

    /// Creates what is missing. A crash in between leaves a part, which the next call completes.
    ///
    /// - Throws: ``HubError``: `.partitionCount` or `.topology` when the hub exists otherwise, `.broker` when the
    ///   broker does not answer.
    package func ensure(at endpoint: BrokerEndpoint, logger: Logger) async throws(HubError) {
        try await ensure(at: endpoint, isKnown: false, logger: logger)
    }

    private func ensure(at endpoint: BrokerEndpoint, isKnown: Bool, logger: Logger) async throws(HubError) {
        guard (1...Self.maximumPartitions).contains(partitionCount) else {
            throw HubError(
                .partitionCount,
                "a hub must have 1 to \(Self.maximumPartitions) partitions, not \(partitionCount)"
            )
        }
        let dropping = try await endpoint.withConnection(for: "topology") { live in
            try await complete(on: live.connection, isKnown: isKnown) {
                logger.info(
                    "hub '\(hub)' created with \(partitionCount) partitions; its queues settle for \(settlingTime)"
                )
            }
        }
        if !dropping.isEmpty {
            logger.warning(
                """
                hub '\(hub)' was made by an earlier release: its intake and inboxes drop their oldest messages where a \
                policy gives them a length (max-length), though these were confirmed. See that none does \
                (rabbitmqctl list_policies), or move to a new hub
                """,
                metadata: ["queues": "\(dropping.count)"]
            )
        }
    }

    /// Whether the record says how many partitions there are.
    func isRecordFull(on connection: RabbitMQConnection) async throws -> Bool {
        try await connection.existingQueue(names.record).map { $0.messageCount >= partitionCount } ?? false
    }

    /// What was deleted and has no consumers: a consumer would be told.
    func missingParts(on connection: RabbitMQConnection) async throws -> [String] {
        var missing: [String] = []
        var exchanges = [names.commands, names.statuses, names.nodes, names.withdrawals, names.size(partitionCount)]
        if brokers == .cluster { exchanges.append(names.cluster) }
        for name in exchanges where try await !connection.hasExchange(name) { missing.append(name) }
        if try await connection.existingQueue(names.dead) == nil { missing.append(names.dead) }
        return missing
    }

    /// Commands find the intake by its binding, which can be deleted alone.
    func bindIntake(on connection: RabbitMQConnection) async throws {
        try await connection.withChannel { try await $0.bindQueue(names.intake, to: names.commands, routingKey: "#") }
    }

    /// Fills the record of a hub that was complete before, over a connection of its own: a broker with an alarm stops
    /// reading from publishers.
    func refillRecord(at endpoint: BrokerEndpoint) async throws(HubError) {
        try await endpoint.withConnection(for: "topology") { live in
            _ = try await complete(on: live.connection, isKnown: true) {}
        }
    }

    /// - Parameter isKnown: there was such a hub, even if nothing says so any more.
    /// - Returns: the queues that an earlier release made, as ``declareQueues(on:)`` does.
    private func complete(
        on connection: RabbitMQConnection,
        isKnown: Bool,
        onCreation: () -> Void
    ) async throws -> [String] {
        let channel = try await connection.openChannel()
        let record = try await declareRecord(channel, on: connection, isKnown: isKnown)
        let dropping = try await declareQueues(on: connection)
        try await declareStatuses(on: connection, isKnown: isKnown || record.messageCount > 0)
        guard record.messageCount < partitionCount else { return dropping }
        if record.messageCount == 0 {
            onCreation()
            try await Task.sleep(for: settlingTime)
        }
        try await fillRecord(from: record.messageCount, channel)
        return dropping
    }

    /// Says how many partitions there are. A hub of an earlier release has one message, however many they are.
    private func fillRecord(from count: Int, _ channel: RabbitMQChannel) async throws {
        // Anyone counting meanwhile finds fewer: nothing else may confirm that.
        for fewer in 1..<partitionCount { try await channel.deleteExchange(names.size(fewer)) }
        // Several may do so at once: the queue keeps no more than there are partitions.
        for _ in count..<partitionCount {
            try await channel.publish(
                RabbitMQMessage(properties: RabbitMQProperties(type: "HubCreated")),
                routingKey: names.record
            )
        }
    }

    /// Makes the hub again when the broker has forgotten it: a broker that was wiped under running nodes.
    func restore(on connection: RabbitMQConnection, at endpoint: BrokerEndpoint, logger: Logger) async throws {
        guard try await connection.existingQueue(names.record) == nil else { return try await repair(on: connection) }
        logger.error(
            """
            the broker at \(endpoint.place) does not know hub '\(hub)' any more: it was wiped, or '\(names.record)' was deleted. \
            What is missing of the hub is made again, and its partitions go on from their journals; messages that only the \
            broker had are lost
            """
        )
        try await ensure(at: endpoint, isKnown: true, logger: logger)
    }

    /// Recreates what was deleted under running nodes: all of it, since someone who deletes one queue of a hub may have
    /// deleted others not yet missed. Publishes nothing: the record's keeper fills it (``HubKeeper``).
    func repair(on connection: RabbitMQConnection, clock: any Clock<Duration> = ContinuousClock()) async throws {
        let channel = try await connection.openChannel(confirms: false)
        _ = try await declareRecord(channel, on: connection, isKnown: true)
        await channel.close()
        try await declareQueues(on: connection)
        try await declareStatuses(on: connection, isKnown: true, clock: clock)
    }

    /// The exchange of status messages. Where it was and is gone, it is made after a while: a gateway that finds its exchange
    /// gone asks for what it misses; one that does not find out would miss it for good.
    private func declareStatuses(
        on connection: RabbitMQConnection,
        isKnown: Bool,
        clock: any Clock<Duration> = ContinuousClock()
    ) async throws {
        if isKnown, try await !connection.hasExchange(names.statuses) {
            try await clock.sleep(for: RabbitMQChannel.timeToNotice)
        }
        try await connection.withChannel { try await $0.declareExchange(names.statuses, kind: .topic) }
    }

    private func declareRecord(
        _ channel: RabbitMQChannel,
        on connection: RabbitMQConnection,
        isKnown: Bool
    ) async throws -> RabbitMQQueueInfo {
        if try await connection.existingQueue(names.record) == nil {
            if !isKnown { try await refuseOtherKind(on: connection) }
            try await refuseOtherSize(on: connection)
        }
        do {
            return try await channel.declareQueue(
                names.record,
                arguments: QueueArguments.record(partitionCount: partitionCount, for: brokers)
            )
        } catch {
            guard error.code == .preconditionFailed else { throw error }
            if error.message.contains("x-queue-type") { throw kindRefusal(underlying: error) }
            throw refusal(Self.currentValue(in: error.message), underlying: error)
        }
    }

    /// The record's type says what a hub was made for; without it, an exchange does.
    private func refuseOtherKind(on connection: RabbitMQConnection) async throws {
        let isForCluster = try await connection.hasExchange(names.cluster)
        guard isForCluster != (brokers == .cluster) else { return }
        if isForCluster { throw kindRefusal() }
        if try await connection.existingQueue(names.intake) != nil { throw kindRefusal() }
    }

    private func kindRefusal(underlying: RabbitMQError? = nil) -> HubError {
        let (made, set) = brokers == .cluster ? ("one broker", "a cluster") : ("a cluster of brokers", "one broker")
        return HubError(
            .topology,
            "hub '\(hub)' was made for \(made), and this program is set to \(set) (REPRISE_BROKERS): a hub stays what "
                + "it was made for, so set the same, or name a new hub",
            underlying: underlying
        )
    }

    private func refusal(_ other: String?, underlying: RabbitMQError? = nil) -> HubError {
        HubError(
            .partitionCount,
            "hub '\(hub)' was created with \(other ?? "another number of") partitions, "
                + "this program is set to \(partitionCount): a hub keeps its number forever, so set the same, "
                + "or name a new hub",
            underlying: underlying
        )
    }

    /// Where nothing is recorded there may still be a hub of another size, whose record was deleted: one made with this
    /// program's count would send to inboxes that no one reads, or miss those beyond.
    ///
    /// The size of a hub whose queues are gone says nothing: there is nothing left that could be mistaken. So queues are believed
    /// before a size: that of this program's count may be left of such a hub.
    private func refuseOtherSize(on connection: RabbitMQConnection) async throws {
        let first = PartitionNumber(0)
        let hasIntake = try await connection.existingQueue(names.intake) != nil
        var hasQueues = hasIntake
        if !hasQueues { hasQueues = try await hasQueue(of: first, on: connection) }
        guard hasQueues else { return }
        let isLarger = try await hasQueue(of: PartitionNumber(partitionCount), on: connection)
        var isSmaller = false
        // The intake is made last.
        if hasIntake, !isLarger, try await hasQueue(of: first, on: connection) {
            isSmaller = try await !hasQueue(of: PartitionNumber(partitionCount - 1), on: connection)
        }
        // Asked after the queues: a node creating the hub at this moment creates its size exchange first.
        let saysOurs = try await connection.hasExchange(names.size(partitionCount))
        if saysOurs, !isLarger, !isSmaller { return }
        // With our own size there, the last partition may have been deleted: only a smaller one speaks against it.
        let others = saysOurs && isSmaller ? 1..<partitionCount : 1..<Self.maximumPartitions + 1
        for size in others where size != partitionCount {
            if try await connection.hasExchange(names.size(size)) { throw refusal("\(size)") }
        }
        // Made by an earlier release, or its size is gone, too: then its queues must be as many.
        if isLarger { throw refusal("more than \(partitionCount)") }
        if isSmaller, !saysOurs { throw refusal("fewer than \(partitionCount)") }
    }

    /// Whether anything of a partition is there.
    private func hasQueue(of partition: PartitionNumber, on connection: RabbitMQConnection) async throws -> Bool {
        for queue in [names.owner(partition), names.inbox(partition), names.journal(partition)]
        where try await connection.existingQueue(queue) != nil { return true }
        return false
    }

    /// The broker says: `inequivalent arg 'x-max-length' for queue '…' in vhost '/': received '8' but current is '4'`.
    static func currentValue(in message: String) -> String? {
        guard let match = message.firstMatch(of: /current is [^0-9]*([0-9]+)/) else { return nil }
        return String(match.1)
    }

    /// Everything but the record, which says how much of it there is, and the exchange of status messages.
    ///
    /// - Returns: the queues that an earlier release made, which drop what a policy leaves no room for.
    @discardableResult
    func declareQueues(on connection: RabbitMQConnection) async throws -> [String] {
        var dropping: [String] = []
        func declare(
            _ name: String,
            _ arguments: RabbitMQTable,
            or former: RabbitMQTable,
            boundTo exchange: String? = nil
        ) async throws {
            let isLossless = try await Self.declare(name, arguments, or: former, boundTo: exchange, on: connection)
            if !isLossless { dropping.append(name) }
        }
        do {
            let channel = try await connection.openChannel(confirms: false)
            try await channel.declareExchange(names.commands, kind: .topic)
            try await channel.declareExchange(names.nodes, kind: .fanout)
            try await channel.declareExchange(names.withdrawals, kind: .fanout)
            try await channel.declareExchange(names.size(partitionCount), kind: .fanout)
            if brokers == .cluster { try await channel.declareExchange(names.cluster, kind: .fanout) }
            try await channel.declareQueue(names.dead, arguments: QueueArguments.dead(for: brokers))
            for partition in (0..<partitionCount).map(PartitionNumber.init) {
                try await declare(
                    names.inbox(partition),
                    QueueArguments.inbox(inboxType, for: brokers),
                    or: QueueArguments.formerInbox(inboxType)
                )
                try await channel.declareQueue(names.owner(partition), arguments: QueueArguments.owner)
                try await channel.declareQueue(names.journal(partition), arguments: QueueArguments.journal)
            }
            // Bound last: nothing comes in before there is a place for it.
            try await declare(
                names.intake,
                QueueArguments.intake(for: brokers),
                or: QueueArguments.formerIntake,
                boundTo: names.commands
            )
            await channel.close()
        } catch let error as RabbitMQError where error.code == .preconditionFailed {
            throw HubError(
                .topology,
                "hub '\(hub)' has a queue or exchange with other arguments on this broker: \(error.message) "
                    + "Use the settings that it was created with (REPRISE_BROKERS, REPRISE_INBOXES), or name a new hub.",
                underlying: error
            )
        }
        return dropping
    }

    /// False when the queue exists as an earlier release made it: a broker does not allow changing a queue's arguments.
    private static func declare(
        _ name: String,
        _ arguments: RabbitMQTable,
        or former: RabbitMQTable,
        boundTo exchange: String? = nil,
        on connection: RabbitMQConnection
    ) async throws(RabbitMQError) -> Bool {
        do {
            try await declare(name, arguments, boundTo: exchange, on: connection)
            return true
        } catch  where error.code == .preconditionFailed {
            // A caller that meant other arguments is refused again.
            try await declare(name, former, boundTo: exchange, on: connection)
            return false
        }
    }

    /// On a channel of its own, since the broker closes it when it refuses.
    private static func declare(
        _ name: String,
        _ arguments: RabbitMQTable,
        boundTo exchange: String?,
        on connection: RabbitMQConnection
    ) async throws(RabbitMQError) {
        let channel = try await connection.openChannel(confirms: false)
        try await channel.declareQueue(name, arguments: arguments)
        // At once: what is published between the two finds no queue.
        if let exchange { try await channel.bindQueue(name, to: exchange, routingKey: "#") }
        await channel.close()
    }

    func declareInbox(_ partition: PartitionNumber, on connection: RabbitMQConnection) async throws(RabbitMQError) {
        _ = try await Self.declare(
            names.inbox(partition),
            QueueArguments.inbox(inboxType, for: brokers),
            or: QueueArguments.formerInbox(inboxType),
            on: connection
        )
    }

    /// What a hub created by another program was made for.
    static func kind(of hub: HubName, on connection: RabbitMQConnection) async throws(RabbitMQError) -> BrokerKind {
        try await connection.hasExchange(HubNames(hub).cluster) ? .cluster : .one
    }

    /// The partition count of a hub created by another program.
    ///
    /// The record's messages say how many, and an exchange named for it that it is so: what is asked for in vain is an
    /// error in the broker's log. Asking needs no permission, and reading a message would be a race. Where the record is
    /// empty or gone, the inboxes say how many, and the exchange that these are all.
    package static func partitionCount(
        of hub: HubName,
        at endpoint: BrokerEndpoint
    ) async throws(HubError) -> Int {
        let names = HubNames(hub)
        return try await endpoint.withConnection(for: "topology") { live in
            let recorded = try await live.connection.existingQueue(names.record)?.messageCount ?? 0
            if recorded > 0, try await live.connection.hasExchange(names.size(recorded)) { return recorded }
            // Made by an earlier release, half completed, or emptied.
            var count = 0
            while count < maximumPartitions,
                try await live.connection.existingQueue(names.inbox(PartitionNumber(count))) != nil
            {
                count += 1
            }
            switch (recorded > 0, count > 0) {
            case (true, true): return count
            case (true, false):
                throw HubError(.topology, "hub '\(hub)' has no inboxes: start a node to create them again")
            case (false, true):
                // The intake is made last.
                if try await live.connection.hasExchange(names.size(count)),
                    try await live.connection.existingQueue(names.intake) != nil
                {
                    return count
                }
                throw HubError(
                    .noSuchHub,
                    "hub '\(hub)' on the broker at \(endpoint.place) is not complete, and nothing says how many partitions it "
                        + "has: a running node completes it within seconds; start one if there is none"
                )
            case (false, false):
                throw HubError(
                    .noSuchHub,
                    "there is no hub '\(hub)' on the broker at \(endpoint.place): start a node first, or check the name"
                )
            }
        }
    }
}
