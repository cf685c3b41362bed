import RabbitMQ
import RepriseEngine
package import RepriseKernel

/// What the broker records of a partition, for the people who look after it.
package struct PartitionRecord: Sendable {
    private let endpoint: BrokerEndpoint
    private let names: HubNames
    private let partition: PartitionNumber

    package init(_ partition: PartitionNumber, endpoint: BrokerEndpoint, hub: HubName) {
        self.partition = partition
        self.endpoint = endpoint
        self.names = HubNames(hub)
    }

    /// An operator's word: nobody has what came after this commit, and the partition begins with whoever has that much.
    ///
    /// The next node that tries takes the partition. What was given up is not deleted, neither the streams nor the journals
    /// that nodes have set aside.
    ///
    /// - Returns: how many commits are given up.
    /// - Throws: ``HubError``: `.noSuchPartition` for one that the hub does not have, `.notWaiting` for a partition that has an
    ///   owner or is not known to have more.
    package func found(from commit: CommitNumber) async throws(HubError) -> Int64 {
        let count = try await HubTopology.partitionCount(of: names.hub, at: endpoint)
        guard (0..<count).contains(partition.value) else {
            throw HubError(.noSuchPartition, "there is no partition \(partition): the hub has \(count), from 0")
        }
        return try await endpoint.withConnection(for: "the record of a partition") { live in
            let owner = try await live.connection.existingQueue(names.owner(partition))
            guard owner?.consumerCount ?? 0 == 0 else {
                throw HubError(
                    .notWaiting,
                    "a node has partition \(partition), or is just trying to take it: try again, and see reprise doctor"
                )
            }
            let channel = try await live.connection.openChannel()
            guard var record = try await JournalRecord.read(partition, names, channel), let mark = record.mark,
                mark.commit > commit
            else {
                throw HubError(
                    .notWaiting,
                    "partition \(partition) is not known to have more than commit \(commit): it waits for something else, which "
                        + "the nodes' logs and reprise doctor say"
                )
            }
            record.mark?.commit = commit
            try await record.write(partition, names, channel)
            return commit.distance(to: mark.commit)
        }
    }
}
