import RabbitMQ
import RepriseEngine
import RepriseKernel
import Synchronization

@testable import RepriseBroker

/// Who has a partition, and since when, over all nodes of a test.
final class Ownerships: Sendable {
    struct Take: Sendable {
        var node: String
        var partition: Int
        var instant: ContinuousClock.Instant
    }

    private let state: Mutex<(owners: [String?], epochs: [Epoch], takes: [Take])>

    init(_ partitions: Int) {
        state = Mutex((Array(repeating: nil, count: partitions), Array(repeating: 0, count: partitions), []))
    }

    var owners: [String?] { state.withLock { $0.owners } }
    var takes: [Take] { state.withLock { $0.takes } }

    /// Partitions by owner, least first; nil while one has none.
    var shares: [Int]? {
        let owners = owners.compactMap { $0 }
        guard owners.count == self.owners.count else { return nil }
        return Set(owners).map { name in owners.count { $0 == name } }.sorted()
    }

    func take(_ partition: PartitionNumber, _ node: String) -> Epoch {
        state.withLock { state in
            state.owners[partition.value] = node
            state.epochs[partition.value] = state.epochs[partition.value].next
            state.takes.append(Take(node: node, partition: partition.value, instant: .now))
            return state.epochs[partition.value]
        }
    }

    func lose(_ partition: PartitionNumber, _ node: String) {
        state.withLock { if $0.owners[partition.value] == node { $0.owners[partition.value] = nil } }
    }

    func epoch(_ partition: PartitionNumber) -> Epoch { state.withLock { $0.epochs[partition.value] } }
}

/// A node that takes locks and does nothing with them, as its policy says; its journals follow in no time.
struct SharingNode: Sendable {
    let name: String
    let endpoint: BrokerEndpoint
    let names: HubNames
    let partitions: Int
    let ownerships: Ownerships
    let policy: ClusterPolicy

    init(_ name: String, _ test: LiveHub, _ ownerships: Ownerships, endpoint: BrokerEndpoint? = nil) {
        self.name = name
        self.endpoint = endpoint ?? test.endpoint
        self.ownerships = ownerships
        names = test.names
        partitions = test.topology.partitionCount
        policy = ClusterPolicy(
            endpoint: self.endpoint,
            hub: test.hub,
            id: NodeID(rawValue: name),
            name: name,
            partitionCount: partitions,
            heartbeat: .seconds(1),
            hasLog: true,
            logger: LiveHub.logger
        )
    }

    @Sendable func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await policy.run() }
            group.addTask {
                try await Reconnecting(
                    endpoint: endpoint,
                    purpose: name,
                    logger: LiveHub.logger,
                    backoff: .ofNodes
                ).run { live in try await hold(live) }
            }
            try await group.next()
        }
    }

    private func hold(_ live: LiveConnection) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            for partition in (0..<partitions).map(PartitionNumber.init) {
                group.addTask { while !Task.isCancelled { try await sit(partition, live) } }
            }
            group.addTask { try await live.untilLost() }
            try await group.next()
        }
    }

    private func sit(_ partition: PartitionNumber, _ live: LiveConnection) async throws {
        note(partition, .standby)
        try await policy.untilWanted(partition)
        guard let lock = try await lock(partition, live) else { return }
        _ = ownerships.take(partition, name)
        note(partition, .owner)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await policy.untilUnwanted(partition) }
            group.addTask { _ = await lock.ended.value() }
            await group.next()
            group.cancelAll()
        }
        ownerships.lose(partition, name)
        await lock.channel.close()
    }

    /// Nil when another node has it.
    private func lock(_ partition: PartitionNumber, _ live: LiveConnection) async throws -> PartitionLock? {
        do {
            return try await PartitionLock.take(partition, names: names, on: live.connection)
        } catch {
            if error.code == .accessRefused { return nil }
            throw error
        }
    }

    private func note(_ partition: PartitionNumber, _ role: PartitionAnnouncement.Role) {
        let standing = JournalPosition(commit: 1, checksum: 1, epoch: ownerships.epoch(partition))
        policy.note(
            PartitionAnnouncement(
                partition: partition,
                role: role,
                holding: HeldJournal(journal: "j\(partition)", standing: standing),
                log: role == .owner ? LogAddress(segment: 1, commit: 0, records: 2) : nil,
                trouble: nil
            )
        )
    }
}
