import Foundation
import RepriseBroker
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Synchronization
import Testing

/// Several nodes of one hub with logs, each with a name and a data directory of its own.
final class NodeGroup: Sendable {
    let hub: DeployedHub
    private let heartbeat: Int
    private let running = Mutex<[String: RunningProgram]>([:])

    init(hub: DeployedHub, heartbeat: Int) {
        self.hub = hub
        self.heartbeat = heartbeat
    }

    func directory(_ name: String) -> URL { hub.directory.appending(path: "node-\(name)") }

    // MARK: One node

    func start(_ name: String) async throws {
        let environment = [
            "REPRISE_ROLES": "orchestrations",
            "REPRISE_NODE": name,
            "REPRISE_DATA": directory(name).path,
            "REPRISE_LOG": "on",
            "REPRISE_HEARTBEAT": String(heartbeat),
        ]
        let program = try await RunningProgram.start(
            "reprise-samples",
            environment: hub.environment.merging(environment) { $1 },
            log: hub.directory.appending(path: "node-\(name).log"),
            ready: "node ready"
        )
        running.withLock { $0[name] = program }
    }

    func kill(_ name: String) async throws { await (try take(name)).kill() }
    /// Ends it as a trap of its own code does: which takes its time where a backtrace is printed.
    func trap(_ name: String, _ number: Int32) async throws {
        let program = try take(name)
        Foundation.kill(program.processID, number)
    }
    func stop(_ name: String) async throws { await (try take(name)).stop() }
    func freeze(_ name: String) { signal(name, SIGSTOP) }
    func thaw(_ name: String) { signal(name, SIGCONT) }

    /// What the node has said so far.
    func log(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: hub.directory.appending(path: "node-\(name).log")), as: UTF8.self)
    }

    func killAll() async {
        for (_, program) in running.withLock({ $0 }) { await program.kill() }
    }

    private func take(_ name: String) throws -> RunningProgram {
        try #require(running.withLock { $0.removeValue(forKey: name) })
    }

    private func signal(_ name: String, _ number: Int32) {
        if let program = running.withLock({ $0[name] }) { Foundation.kill(program.processID, number) }
    }

    // MARK: Who owns what, as the partitions themselves say

    /// Asks until the partition's owner answers.
    func health(_ partition: PartitionNumber, _ client: BrokerHubClient) async throws -> PartitionHealth {
        let end = ContinuousClock.now + .seconds(60)
        while true {
            do {
                if case .health(let health) = try await client.ask(.health, partition: partition) { return health }
            } catch {
                if ContinuousClock.now > end { throw error }
            }
        }
    }

    func owners(_ client: BrokerHubClient) async throws -> [String: [PartitionNumber]] {
        var owners: [String: [PartitionNumber]] = [:]
        for partition in (0..<client.partitionCount).map(PartitionNumber.init) {
            owners[try await health(partition, client).node, default: []].append(partition)
        }
        return owners
    }

    func epochs(
        of partitions: [PartitionNumber],
        _ client: BrokerHubClient
    ) async throws -> [PartitionNumber: Epoch] {
        var epochs: [PartitionNumber: Epoch] = [:]
        for partition in partitions { epochs[partition] = try await health(partition, client).epoch }
        return epochs
    }

    /// Returns when every node that runs owns its share, and can be owned from.
    ///
    /// A partition that was given up and not taken is not given again for a minute.
    func untilShared(_ client: BrokerHubClient, within limit: Duration = .seconds(100)) async throws {
        let count = running.withLock { $0.count }
        try await until("\(count) nodes share \(client.partitionCount) partitions", within: limit) {
            let owners = try await owners(client)
            let shares = owners.values.map(\.count)
            return shares.count == min(count, client.partitionCount) && (shares.max() ?? 0) - (shares.min() ?? 0) <= 1
        }
    }

    /// How long it took until each partition was answered for by another node.
    func takeOver(
        of partitions: [PartitionNumber],
        from victim: String,
        since begin: ContinuousClock.Instant,
        _ client: BrokerHubClient
    ) async throws -> [Duration] {
        try await withThrowingTaskGroup(of: Duration.self) { group in
            for partition in partitions {
                group.addTask {
                    while try await self.health(partition, client).node == victim {}
                    return ContinuousClock.now - begin
                }
            }
            var times: [Duration] = []
            for try await time in group { times.append(time) }
            return times
        }
    }
}
