package import Logging
import RabbitMQ
package import RepriseEngine
package import RepriseKernel

/// Drives a node's partitions over the broker: takes their locks, feeds them their inboxes, publishes what they decide.
///
/// ```
///              connection O (owner)                         connection C (consumer)
///   partition 0   channel: lock 0, log, commands               channel: inbox 0, acks
///   partition 1   channel: lock 1, log, commands               channel: inbox 1, acks
/// ```
/// Two connections for these, because a broker with an alarm stops reading from one that publishes: deliveries and acks go on.
/// Lock, log and messages to other instances share a channel, because only so nothing of a dead owner lands after its
/// successor's first. Tasks, status messages and answers go to queues that others have made, and have connections of their
/// own (``WaysOut``): each may stall, or be lost, without affecting any lock.
package struct PartitionBroker: Sendable {
    private let endpoint: BrokerEndpoint
    private let topology: HubTopology
    private let policy: any AssignmentPolicy
    private let keepsLog: Bool
    private let standsBy: Bool
    private let node: String
    private let logger: Logger
    private let prefetch: UInt16
    var timing = LogTiming()

    /// - Parameters:
    ///   - keepsLog: whether the hub's partitions outlive their node's disk.
    ///   - standsBy: whether the logs of partitions that others own are followed here.
    ///   - node: the node's name, for people.
    package init(
        endpoint: BrokerEndpoint,
        topology: HubTopology,
        policy: any AssignmentPolicy,
        keepsLog: Bool,
        standsBy: Bool = true,
        node: String,
        logger: Logger,
        prefetch: UInt16 = 512
    ) {
        self.endpoint = endpoint
        self.topology = topology
        self.policy = policy
        self.keepsLog = keepsLog
        self.standsBy = standsBy
        self.node = node
        self.logger = logger
        self.prefetch = prefetch
    }

    /// Runs until the task is canceled; every owner has lost its partition when it returns. To hand them over first,
    /// let the policy say so.
    ///
    /// A partition that cannot be begun here is left alone, logged and retried, without affecting the others. A crash
    /// leaves the locks to the broker, which frees them with the connection.
    ///
    /// - Throws: ``HubError`` when the hub exists with other settings.
    package func run(
        partitions: [(partition: PartitionNumber, owner: any PartitionOwner)]
    ) async throws {
        let ways = WaysOut(logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await ways.run(at: endpoint, logger: logger) }
            group.addTask { try await own(partitions, ways) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func own(
        _ partitions: [(partition: PartitionNumber, owner: any PartitionOwner)],
        _ ways: WaysOut
    ) async throws {
        try await Reconnecting(endpoint: endpoint, purpose: "locks and publications", logger: logger)
            .run { owning in
                try await topology.restore(on: owning.connection, at: endpoint, logger: logger)
                let consuming = try await endpoint.open(for: "inboxes")
                do {
                    try await run(partitions, owning: owning, consuming: consuming, ways)
                } catch {
                    await consuming.connection.close()
                    throw error
                }
                await consuming.connection.close()
            }
    }

    private func run(
        _ partitions: [(partition: PartitionNumber, owner: any PartitionOwner)],
        owning: LiveConnection,
        consuming: LiveConnection,
        _ ways: WaysOut
    ) async throws {
        let hubRepair = HubRepair()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (partition, owner) in partitions {
                let contender = PartitionContender(
                    partition: partition,
                    owner: owner,
                    topology: topology,
                    policy: policy,
                    keepsLog: keepsLog,
                    standsBy: standsBy,
                    node: node,
                    owning: owning,
                    consuming: consuming,
                    ways: ways,
                    hubRepair: hubRepair,
                    prefetch: prefetch,
                    timing: timing,
                    logger: logger
                )
                group.addTask { try await contender.run() }
            }
            let keeper = HubKeeper(
                topology: topology,
                endpoint: endpoint,
                live: consuming,
                hubRepair: hubRepair,
                timing: timing,
                logger: logger
            )
            group.addTask { await keeper.run() }
            group.addTask { try await consuming.untilLost() }
            // The first that ends, ends all: contenders return early only when they are told to, and lose their partition first.
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
