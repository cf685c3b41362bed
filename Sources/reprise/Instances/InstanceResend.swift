import RepriseBroker
import RepriseEngine
import RepriseKernel

/// Goes through all partitions, and makes every instance that has not ended send again what it waits for: one instance
/// per command, so that no partition is held up.
struct InstanceResend: Sendable {
    struct Count: Sendable {
        var instances = 0
        var messages = 0

        mutating func add(_ found: Int) {
            guard found > 0 else { return }
            instances += 1
            messages += found
        }
    }

    private static let pageSize = 256
    private static let atOnce = 16

    /// A partition that does not answer stops none of the others.
    ///
    /// - Parameter report: what a partition has sent again, or why it has not sent all.
    func run(
        _ client: BrokerHubClient,
        partitions: some Sequence<PartitionNumber>,
        report: (PartitionNumber, Result<Count, any Error>) -> Void
    ) async {
        await withTaskGroup(of: (PartitionNumber, Result<Count, any Error>).self) { group in
            for partition in partitions {
                group.addTask {
                    do {
                        return (partition, .success(try await run(client, partition)))
                    } catch {
                        return (partition, .failure(error))
                    }
                }
            }
            for await (partition, result) in group { report(partition, result) }
        }
    }

    private func run(_ client: BrokerHubClient, _ partition: PartitionNumber) async throws -> Count {
        var count = Count()
        var cursor: InstanceKey? = 0
        while let after = cursor {
            let page = try await client.page(of: partition, after: after, limit: Self.pageSize)
            // Entities too: a locked one asks whether the holder of the lock still exists.
            let instances = page.statuses.filter { !$0.runtimeStatus.isEnded }.map(\.instance)
            try await withThrowingTaskGroup(of: Int.self) { group in
                for (index, instance) in instances.enumerated() {
                    if index >= Self.atOnce, let found = try await group.next() { count.add(found) }
                    group.addTask { try await resend(instance, client) }
                }
                for try await found in group { count.add(found) }
            }
            cursor = page.next
        }
        return count
    }

    private func resend(_ instance: InstanceID, _ client: BrokerHubClient) async throws -> Int {
        let command = Command(instance: instance, action: .resend, isInteractive: true)
        let answer = try await client.send(command, ordered: false)
        // It has ended meanwhile.
        if case .rejected(let rejection) = answer, [.ended, .unknownInstance].contains(rejection.code) { return 0 }
        return try answer.requireCount()
    }
}
