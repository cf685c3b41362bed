import Foundation
package import Logging
package import Reprise
package import RepriseKernel

/// A partition with its own thread: the loop that receives, decides, commits, acks and publishes.
///
/// ```
///  edge ──deliver, settle──► mailbox ──► thread: Partition.handle ──► journal ──► link.acknowledge, publish, answer
/// ```
///
/// The batch is whatever arrived while the last commit ran: an idle partition commits one message at once, a busy one
/// hundreds together. Orchestrators run on this thread and on no other, and so does everything that touches the journal.
package final class PartitionHost: PartitionOwner {
    package let partition: PartitionNumber
    private let environment: PartitionEnvironment
    private let mailbox = PartitionMailbox()

    /// Starts the thread. The store belongs to it from now on.
    ///
    /// - Parameter onFatal: called when the disk's state is unknown. The process must end: it must not commit again.
    package init(
        store: sending any JournalStore,
        orchestrators: [String: RegisteredOrchestrator],
        entities: [String: RegisteredEntity] = [:],
        settings: PartitionSettings,
        environment: PartitionEnvironment,
        marker: sending any TurnMarker,
        logger: Logger,
        onFatal: @escaping @Sendable (String) -> Void
    ) {
        partition = store.partition
        self.environment = environment
        var logger = logger
        logger[metadataKey: "partition"] = "\(store.partition)"
        let replica = PartitionReplica(
            store: store,
            orchestrators: orchestrators,
            entities: entities,
            settings: settings,
            environment: environment,
            marker: marker,
            logger: logger
        )
        let loop = PartitionLoop(
            replica: replica,
            logger: logger,
            mailbox: mailbox,
            onFatal: onFatal
        )
        let thread = Thread { loop.run() }
        thread.name = "partition-\(partition)"
        thread.stackSize = 16 << 20
        thread.start()
    }

    // MARK: PartitionOwner

    package func holding() async throws -> HeldJournal? { try await ask { try $0.holding() } }

    package func read(_ pointer: LogAddress, rebuilding: Bool) async throws {
        try await ask { try $0.read(pointer, rebuilding: rebuilding) }
    }

    package func follow(_ entries: [LogEntry]) async throws -> LogPosition? {
        try await ask { try $0.follow(entries) }
    }

    package func take(_ ownership: Ownership) async throws -> (epoch: Epoch, pointer: LogAddress?) {
        try await ask(dropsArrivals: true) { try $0.take(ownership) }
    }

    package func deliver(_ deliveries: [InboundDelivery]) {
        var deliveries = deliveries
        let arrived = environment.steadyClock()
        for index in deliveries.indices { deliveries[index].arrived = arrived }
        mailbox.post { $0.deliveries += deliveries }
    }

    package func settle(_ settlements: [OutboundSettlement]) { mailbox.post { $0.settlements += settlements } }

    package func lose(_ reason: String) async {
        // Fails only when the thread has ended, and then it owns nothing.
        try? await ask(dropsArrivals: true) { $0.lose(reason) }
    }

    /// Ends the thread and closes the journal. Later calls do nothing, and return.
    package func stop() async { try? await ask { $0.stop() } }

    /// Makes the thread do something, and waits for it.
    private func ask<Result: Sendable>(
        dropsArrivals: Bool = false,
        _ work: @escaping @Sendable (PartitionLoop) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let control: PartitionMailbox.Control = { loop in
                guard let loop else {
                    return continuation.resume(throwing: JournalError(.inUse, "the partition's thread has ended"))
                }
                do {
                    continuation.resume(returning: try work(loop))
                } catch {
                    continuation.resume(throwing: error)
                }
            }
            let isPosted = mailbox.post {
                if dropsArrivals { $0.dropArrivals() }
                $0.controls.append(control)
            }
            if !isPosted { control(nil) }
        }
    }
}

extension PartitionMailbox.Contents {
    /// What arrived before an ownership begins or ends belongs to the previous one: its tags are no longer valid.
    fileprivate mutating func dropArrivals() {
        deliveries = []
        settlements = []
    }
}
