import RepriseBroker
import RepriseEngine
package import RepriseKernel

/// Goes through all partitions, and finds out which ended instance called which.
struct ChildrenSweep: Sendable {
    private static let pageSize = 500

    func run(_ client: BrokerHubClient) async throws -> EndedFamilies {
        try await withThrowingTaskGroup(of: EndedFamilies.self) { group in
            for number in 0..<client.partitionCount {
                group.addTask { try await run(client, PartitionNumber(number)) }
            }
            return try await group.reduce(into: EndedFamilies()) { $0.add($1) }
        }
    }

    private func run(_ client: BrokerHubClient, _ partition: PartitionNumber) async throws -> EndedFamilies {
        var families = EndedFamilies()
        var cursor: InstanceKey? = 0
        while let after = cursor {
            let page = try await client.page(of: partition, after: after, limit: Self.pageSize)
            for status in page.statuses where status.runtimeStatus.isEnded {
                if let parent = status.traits.parent { families.add(status.instance, of: parent) }
            }
            cursor = page.next
        }
        return families
    }
}

/// Ended instances by the id of their caller, whichever incarnation of it that was.
package struct EndedFamilies: Sendable {
    private var children: [InstanceID: [InstanceID]] = [:]

    package init() {}

    package mutating func add(_ child: InstanceID, of parent: InstanceID) {
        children[parent, default: []].append(child)
    }

    mutating func add(_ other: EndedFamilies) { children.merge(other.children, uniquingKeysWith: +) }

    /// Each once, parents first, without anything below an instance that is still running.
    package func below(_ root: InstanceID) -> [InstanceID] {
        var found: [InstanceID] = []
        var seen: Set = [root]
        var next = [root]
        while let parent = next.popLast() {
            for child in (children[parent] ?? []).sorted(by: { $0.value < $1.value }) where seen.insert(child).inserted
            {
                found.append(child)
                next.append(child)
            }
        }
        return found
    }
}
