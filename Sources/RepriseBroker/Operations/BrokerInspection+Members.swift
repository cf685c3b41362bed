import RabbitMQ
package import RepriseKernel

extension BrokerInspection {
    /// One of the brokers that this program was told of, asked by itself.
    package struct Member: Equatable, Sendable {
        /// `host:port`.
        package var place: String
        /// Nil when it does not answer, for which `problem` is the reason.
        package var product: Product?
        package var problem: String?
        /// The logs that it cannot deliver, since it has no replica of them that runs.
        package var missing: [PartitionNumber]

        package init(
            place: String,
            product: Product? = nil,
            problem: String? = nil,
            missing: [PartitionNumber] = []
        ) {
            self.place = place
            self.product = product
            self.problem = problem
            self.missing = missing
        }
    }

    /// What the hub was made for.
    package func kind() async throws(HubError) -> BrokerKind {
        try await endpoint.withConnection(for: "inspection") {
            try await HubTopology.kind(of: names.hub, on: $0.connection)
        }
    }

    /// Asks every broker of the list by itself, in its order.
    ///
    /// AMQP 0-9-1 does not say who leads or replicates a queue. But a broker delivers a stream only from a replica of its own.
    ///
    /// - Parameter logs: the segments that the owners of partitions write now.
    package func members(logs: [PartitionNumber: Int64]) async -> [Member] {
        await withTaskGroup(of: (Int, Member).self) { group in
            for (index, broker) in endpoint.configuration.brokers.enumerated() {
                group.addTask { (index, await member(broker, logs)) }
            }
            var members: [(index: Int, member: Member)] = []
            while let next = await group.next() { members.append(next) }
            return members.sorted { $0.index < $1.index }.map(\.member)
        }
    }

    private func member(
        _ broker: RabbitMQConnectionConfiguration.Broker,
        _ logs: [PartitionNumber: Int64]
    ) async -> Member {
        var alone = endpoint
        alone.configuration.host = broker.host
        alone.configuration.port = broker.port
        alone.configuration.others = []
        var member = Member(place: broker.place)
        do {
            try await alone.withConnection(for: "inspection") { live in
                member.product = Product(live.connection.serverProperties)
                for (partition, segment) in logs.sorted(by: { $0.key.value < $1.key.value })
                where try await !delivers(names.log(partition, segment: segment), live.connection) {
                    member.missing.append(partition)
                }
            }
        } catch {
            member.problem = error.message
        }
        return member
    }

    private func delivers(_ stream: String, _ connection: RabbitMQConnection) async throws -> Bool {
        let consumer = try await Consumer.open(on: connection, confirms: false)
        do {
            try await consumer.consume(stream, prefetch: 1, arguments: ["x-stream-offset": "next"])
        } catch  where [.preconditionFailed, .notFound].contains(error.code) {
            return false
        }
        await consumer.channel.close()
        return true
    }
}
