import Foundation
import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

/// A hub of its own on a real broker, for one test.
struct LiveHub: Sendable {
    let hub: HubName
    let names: HubNames
    let endpoint: BrokerEndpoint
    let topology: HubTopology
    /// A connection of the test's own, to look with.
    let live: LiveConnection

    static func endpoint(_ name: String = "test") throws -> BrokerEndpoint {
        try BrokerEndpoint(url: try TestEnvironment.brokerURL, name: name)
    }

    static let logger: Logger = {
        var logger = Logger(label: "test")
        logger.logLevel = ProcessInfo.processInfo.environment["REPRISE_TEST_LOG"] == nil ? .critical : .debug
        return logger
    }()

    /// Makes a hub, runs `body`, and deletes whatever the hub has on the broker.
    static func with(
        partitions: Int = 2,
        inboxes: InboxType = .classic,
        brokers: BrokerKind = .one,
        activities: [String] = [],
        at other: BrokerEndpoint? = nil,
        _ body: (LiveHub) async throws -> Void
    ) async throws {
        let endpoint = try other ?? endpoint()
        let hub = HubName(checked: "t-\(RandomID.make().prefix(16))")
        var topology = HubTopology(hub: hub, partitionCount: partitions, inboxType: inboxes, brokers: brokers)
        // Quorum queues that are only just there refuse what comes.
        topology.settlingTime = topology.inboxType == .quorum ? .milliseconds(500) : .zero
        try await topology.ensure(at: endpoint, logger: logger)
        let test = LiveHub(
            hub: hub,
            names: HubNames(hub),
            endpoint: endpoint,
            topology: topology,
            live: try await endpoint.open(for: "test")
        )
        do {
            try await body(test)
        } catch {
            try await test.delete(activities)
            throw error
        }
        try await test.delete(activities)
    }

    private func delete(_ activities: [String]) async throws {
        // A broker that died meanwhile is the test's own, and is wiped as a whole.
        guard live.lost == nil else { return }
        let channel = try await live.connection.openChannel()
        var queues =
            [names.record, names.intake, names.dead, names.gatewayStatus("g1")] + activities.map(names.activity)
            + activities.map(names.suspects)
        for partition in (0..<topology.partitionCount).map(PartitionNumber.init) {
            queues += [names.inbox(partition), names.owner(partition), names.journal(partition)]
            queues += (0...6).map { names.log(partition, segment: $0) }
        }
        for queue in queues { try await channel.deleteQueue(queue) }
        let size = names.size(topology.partitionCount)
        for exchange in [names.commands, names.statuses, names.nodes, names.withdrawals, names.cluster, size] {
            try await channel.deleteExchange(exchange)
        }
        await live.connection.close()
    }

    // MARK: What tests do

    func channel() async throws -> RabbitMQChannel { try await live.connection.openChannel() }

    /// Publishes a command as a stranger would.
    func publish(_ key: String, _ properties: RabbitMQProperties = RabbitMQProperties(), body: String = "") async throws
    {
        try await channel().publish(
            RabbitMQMessage(properties: properties, body: Array(body.utf8)),
            exchange: names.commands,
            routingKey: key
        )
    }

    /// Runs services beside `body`, and stops them when it is done.
    func running(
        _ services: [@Sendable () async throws -> Void],
        _ body: @Sendable @escaping () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for service in services {
                group.addTask {
                    try await service()
                    return false
                }
            }
            group.addTask {
                try await body()
                return true
            }
            defer { group.cancelAll() }
            while let isDone = try await group.next(), !isDone {}
        }
    }

    /// A way to the broker that the test can cut.
    func relay(garbles: Bool = false) throws -> (relay: Relay, endpoint: BrokerEndpoint) {
        let relay = try Relay(to: endpoint.configuration.port, garbles: garbles)
        var relayed = endpoint
        relayed.configuration.host = "127.0.0.1"
        relayed.configuration.port = relay.port
        return (relay, relayed)
    }

    /// A node that has one partition, which it wants.
    func contender(
        _ owner: any PartitionOwner,
        _ policy: TestPolicy = TestPolicy(),
        partition: PartitionNumber = PartitionNumber(0),
        at endpoint: BrokerEndpoint? = nil,
        keepsLog: Bool = false,
        node: String = "node",
        timing: LogTiming? = nil,
        logger: Logger = LiveHub.logger
    ) -> @Sendable () async throws -> Void {
        var broker = PartitionBroker(
            endpoint: endpoint ?? self.endpoint,
            topology: topology,
            policy: policy,
            keepsLog: keepsLog,
            node: node,
            logger: logger
        )
        broker.timing.settling = .zero
        broker.timing.absence = .milliseconds(200)
        if let timing { broker.timing = timing }
        return { [broker] in try await broker.run(partitions: [(partition: partition, owner: owner)]) }
    }

    /// What a gateway hears with.
    func subscription(_ sink: some StatusSink) throws -> StatusSubscription {
        try StatusSubscription(endpoint: endpoint, hub: hub, gateway: "g1", sink: sink, logger: Self.logger)
    }

    func forwarder() -> IntakeForwarder {
        IntakeForwarder(endpoint: endpoint, topology: topology, logger: Self.logger, retryPause: .milliseconds(50))
    }

    /// Waits for the next message of a queue and takes it.
    func next(_ queue: String) async throws -> RabbitMQDelivery {
        let channel = try await channel()
        return try await untilFound("a message in \(queue)") { try await channel.get(queue, noAck: true) }
    }

    func depth(_ queue: String) async throws -> Int? {
        try await live.connection.existingQueue(queue)?.messageCount
    }
}

/// Tests against a real broker: slow ones hint at a hang.
extension Trait where Self == TimeLimitTrait {
    static var live: Self { .timeLimit(.minutes(1)) }
}

extension BrokerEndpoint {
    /// A connection of its own with one channel, which has confirms; closed when `work` is done.
    func withChannel<Result: Sendable>(
        for purpose: String,
        _ work: (RabbitMQChannel) async throws -> Result
    ) async throws(HubError) -> Result {
        try await withConnection(for: purpose) { live in try await work(try await live.connection.openChannel()) }
    }
}
