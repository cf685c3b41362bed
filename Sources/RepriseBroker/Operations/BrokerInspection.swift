import RabbitMQ
package import RepriseKernel

/// What the broker holds of a hub, as far as anyone may ask: for `reprise doctor`.
package struct BrokerInspection: Sendable {
    let endpoint: BrokerEndpoint
    let names: HubNames

    package init(endpoint: BrokerEndpoint, hub: HubName) {
        self.endpoint = endpoint
        self.names = HubNames(hub)
    }

    package struct Queue: Equatable, Sendable {
        package var name: String
        /// Messages that wait, and consumers: nil when there is no such queue.
        package var depth: Depth?

        package init(name: String, depth: Depth? = nil) {
            self.name = name
            self.depth = depth
        }
    }

    package struct Depth: Equatable, Sendable {
        package var messages: Int
        package var consumers: Int
    }

    package struct Partition: Equatable, Sendable {
        package var number: PartitionNumber
        package var inbox: Queue
        /// True when some node holds the partition's lock.
        package var isOwned: Bool
        /// True when the broker knows which journal the partition belongs to.
        package var hasJournal: Bool

        package init(number: PartitionNumber, inbox: Queue, isOwned: Bool, hasJournal: Bool) {
            self.number = number
            self.inbox = inbox
            self.isOwned = isOwned
            self.hasJournal = hasJournal
        }
    }

    package struct Report: Equatable, Sendable {
        package var partitions: [Partition]
        package var intake: Queue
        package var dead: Queue
        /// In the order in which their names were given.
        package var activities: [Queue]
        /// Their tasks that workers took and never answered, in the same order.
        package var suspects: [Queue]
    }

    /// What the broker says of itself.
    package struct Product: Equatable, Sendable {
        package var name: String
        package var version: String
        package var cluster: String?

        /// Reprise needs RabbitMQ 3.10 or later; nil when it cannot be told.
        package var isSupported: Bool? {
            let numbers = version.split(separator: ".").prefix(2).map { Int($0) }
            guard name == "RabbitMQ", numbers.count == 2, let major = numbers[0], let minor = numbers[1] else {
                return nil
            }
            return (major, minor) >= (3, 10)
        }

        package init(name: String, version: String, cluster: String? = nil) {
            self.name = name
            self.version = version
            self.cluster = cluster
        }

        /// - Parameter properties: what it says of itself when someone connects.
        init(_ properties: RabbitMQTable) {
            name = properties["product"]?.stringValue ?? "a broker"
            version = properties["version"]?.stringValue ?? ""
            cluster = properties["cluster_name"]?.stringValue
        }
    }

    package static func product(at endpoint: BrokerEndpoint) async throws(HubError) -> Product {
        try await endpoint.withConnection(for: "inspection") { Product($0.connection.serverProperties) }
    }

    /// - Throws: ``HubError``: `.noSuchHub`, or `.broker` when the broker does not answer.
    package func report(activities: [String] = []) async throws(HubError) -> Report {
        let count = try await HubTopology.partitionCount(of: names.hub, at: endpoint)
        return try await endpoint.withConnection(for: "inspection") { live in
            let connection = live.connection
            var partitions: [Partition] = []
            for number in (0..<count).map(PartitionNumber.init) {
                partitions.append(try await partition(number, connection))
            }
            var queues: [Queue] = []
            var suspects: [Queue] = []
            for activity in activities {
                queues.append(try await queue(names.activity(activity), connection))
                // Made with the other: there is nothing to ask about an activity that was never served.
                guard queues.last?.depth != nil else {
                    suspects.append(Queue(name: names.suspects(activity), depth: nil))
                    continue
                }
                suspects.append(try await queue(names.suspects(activity), connection))
            }
            let intake = try await queue(names.intake, connection)
            let dead = try await queue(names.dead, connection)
            // An owner that has just taken a partition briefly took its record from the queue.
            for index in partitions.indices where partitions[index].isOwned && !partitions[index].hasJournal {
                partitions[index].hasJournal = try await hasRecord(partitions[index].number, connection)
            }
            return Report(
                partitions: partitions,
                intake: intake,
                dead: dead,
                activities: queues,
                suspects: suspects
            )
        }
    }

    private func partition(_ number: PartitionNumber, _ connection: RabbitMQConnection) async throws -> Partition {
        Partition(
            number: number,
            inbox: try await queue(names.inbox(number), connection),
            isOwned: try await queue(names.owner(number), connection).depth?.consumers ?? 0 > 0,
            hasJournal: try await hasRecord(number, connection)
        )
    }

    private func hasRecord(_ number: PartitionNumber, _ connection: RabbitMQConnection) async throws -> Bool {
        try await queue(names.journal(number), connection).depth?.messages ?? 0 > 0
    }

    private func queue(_ name: String, _ connection: RabbitMQConnection) async throws -> Queue {
        let info = try await connection.existingQueue(name)
        return Queue(
            name: name,
            depth: info.map { Depth(messages: $0.messageCount, consumers: $0.consumerCount) }
        )
    }
}
