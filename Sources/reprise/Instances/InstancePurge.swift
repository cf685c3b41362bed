import RepriseBroker
import RepriseEngine
import RepriseKernel

/// Goes through all partitions, and purges what matches: each partition decides for itself what has ended.
struct InstancePurge: Sendable {
    var selection: InstanceSelection
    var children: Bool
    /// Prints what it would purge, and purges nothing.
    var isDry: Bool

    /// One instance, and what it and its earlier incarnations have called, where that has ended; its partition
    /// remembers only the children of the current one.
    ///
    /// - Returns: how many more were purged.
    static func family(of root: InstanceID, _ client: BrokerHubClient) async throws -> Int {
        let children = try await ChildrenSweep().run(client)
        let command = Command(instance: root, action: .purge(children: true), isInteractive: true)
        try await client.send(command, ordered: true).requireAcceptance()
        var count = 0
        for instance in children.below(root) {
            let command = Command(instance: instance, action: .purge(children: false), isInteractive: true)
            switch try await client.send(command, ordered: false) {
            // Its parent's partition may have been faster.
            case .accepted: count += 1
            case .rejected(let rejection) where rejection.code == .unknownInstance: count += 1
            default: break
            }
        }
        return count
    }

    private static let pageSize = 256
    private static let atOnce = 16

    /// - Returns: how many were purged.
    func run(_ client: BrokerHubClient) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<client.partitionCount {
                group.addTask { try await run(client, PartitionNumber(number)) }
            }
            return try await group.reduce(0, +)
        }
    }

    private func run(_ client: BrokerHubClient, _ partition: PartitionNumber) async throws -> Int {
        var count = 0
        var cursor: InstanceKey? = 0
        while let after = cursor {
            let page = try await client.page(of: partition, after: after, limit: Self.pageSize)
            let matching = page.statuses.filter(selection.matches).map(\.instance)
            if isDry {
                for instance in matching { Output.line(instance.value) }
                count += matching.count
            } else {
                count += try await purge(matching, client)
            }
            cursor = page.next
        }
        return count
    }

    private func purge(_ instances: [InstanceID], _ client: BrokerHubClient) async throws -> Int {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            var count = 0
            for (index, instance) in instances.enumerated() {
                if index >= Self.atOnce, try await group.next() == true { count += 1 }
                group.addTask {
                    let command = Command(
                        instance: instance,
                        action: .purge(children: children),
                        isInteractive: true
                    )
                    // What has meanwhile been restarted, or purged by another command, is left alone.
                    guard case .accepted = try await client.send(command, ordered: false) else { return false }
                    return true
                }
            }
            for try await purged in group where purged { count += 1 }
            return count
        }
    }
}
