import RepriseBroker
import RepriseEngine
import RepriseKernel

/// Goes through all partitions at once and keeps the newest instances that match.
struct InstanceSweep: Sendable {
    var matches: @Sendable (InstanceStatus) -> Bool
    /// How many to keep.
    var limit: Int

    struct Newest: Sendable {
        var statuses: [InstanceStatus] = []
        /// How many there were in all.
        var matched = 0
    }

    private static let pageSize = 500

    func run(_ client: BrokerHubClient) async throws -> Newest {
        try await withThrowingTaskGroup(of: Newest.self) { group in
            for number in 0..<client.partitionCount {
                group.addTask { try await run(client, PartitionNumber(number)) }
            }
            var all = Newest()
            for try await part in group {
                all.statuses += part.statuses
                all.matched += part.matched
            }
            keepNewest(&all.statuses)
            return all
        }
    }

    private func run(_ client: BrokerHubClient, _ partition: PartitionNumber) async throws -> Newest {
        var newest = Newest()
        var cursor: InstanceKey? = 0
        while let after = cursor {
            let page = try await client.page(of: partition, after: after, limit: Self.pageSize)
            let matching = page.statuses.filter(matches)
            newest.matched += matching.count
            newest.statuses += matching
            if newest.statuses.count > 2 * limit { keepNewest(&newest.statuses) }
            cursor = page.next
        }
        keepNewest(&newest.statuses)
        return newest
    }

    private func keepNewest(_ found: inout [InstanceStatus]) {
        found.sort { ($1.createdTime, $1.instance.value) < ($0.createdTime, $0.instance.value) }
        if found.count > limit { found.removeLast(found.count - limit) }
    }
}

extension HubClient {
    func page(of partition: PartitionNumber, after cursor: InstanceKey, limit: Int) async throws -> InstancePage {
        switch try await ask(.instances(after: cursor, limit: limit), partition: partition) {
        case .instances(let page): return page
        case .rejected(let rejection): throw rejection
        case .accepted, .counted, .status, .changes, .health:
            throw CommandFailure(.failed, "partition \(partition) answered a different question")
        }
    }

    func health(of partition: PartitionNumber) async throws -> PartitionHealth {
        switch try await ask(.health, partition: partition) {
        case .health(let health): return health
        case .rejected(let rejection): throw rejection
        case .accepted, .counted, .status, .changes, .instances:
            throw CommandFailure(.failed, "partition \(partition) answered a different question")
        }
    }
}
