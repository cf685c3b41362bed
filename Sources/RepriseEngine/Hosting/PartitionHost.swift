import Foundation
package import Logging
package import Reprise
import RepriseKernel

/// A partition with a thread of its own: the loop that takes, decides, commits, acks and publishes.
///
/// ```
///  edge ──deliver, settle──► mailbox ──► thread: Partition.handle ──► journal ──► link.acknowledge, publish, answer
/// ```
///
/// The batch is whatever arrived while the last commit ran: an idle partition commits one message at once, a busy one
/// hundreds together. Orchestrators run on this thread and on no other.
package final class PartitionHost: PartitionOwner {
    package let identity: JournalIdentity
    private let mailbox = Mailbox()

    /// Starts the thread. The journal belongs to it from now on.
    ///
    /// - Parameter onFatal: called when the disk's state is unknown. The process must end: it must not commit again.
    package init(
        journal: sending any PartitionJournal,
        orchestrators: [String: RegisteredOrchestrator],
        settings: PartitionSettings,
        environment: PartitionEnvironment,
        marker: sending any TurnMarker,
        logger: Logger,
        onFatal: @escaping @Sendable (String) -> Void
    ) {
        identity = journal.identity
        var logger = logger
        logger[metadataKey: "partition"] = "\(journal.identity.partition)"
        let loop = PartitionLoop(
            journal: journal,
            orchestrators: orchestrators,
            settings: settings,
            environment: environment,
            marker: marker,
            logger: logger,
            mailbox: mailbox,
            onFatal: onFatal
        )
        let thread = Thread { loop.run() }
        thread.name = "partition-\(identity.partition)"
        thread.stackSize = 16 << 20
        thread.start()
    }

    package func take(_ link: any PartitionLink) async throws -> Int64 {
        try await withCheckedThrowingContinuation { continuation in
            let isPosted = mailbox.post {
                $0.dropArrivals()
                $0.controls.append(.take(link, continuation))
            }
            if !isPosted { continuation.resume(throwing: JournalError(.inUse, "the partition's thread has ended")) }
        }
    }

    package func deliver(_ deliveries: [InboundDelivery]) { mailbox.post { $0.deliveries += deliveries } }

    package func settle(_ settlements: [OutboundSettlement]) { mailbox.post { $0.settlements += settlements } }

    package func lose(_ reason: String) async {
        await withCheckedContinuation { continuation in
            let isPosted = mailbox.post {
                $0.dropArrivals()
                $0.controls.append(.lose(reason, continuation))
            }
            if !isPosted { continuation.resume() }
        }
    }

    /// Ends the thread and closes the journal. Whatever is called afterwards does nothing, and returns.
    package func stop() async {
        await withCheckedContinuation { continuation in
            if !mailbox.post({ $0.controls.append(.stop(continuation)) }) { continuation.resume() }
        }
    }
}

extension Mailbox.Contents {
    /// Whatever arrived before an ownership begins or ends belongs to the one before: its tags mean nothing any more.
    fileprivate mutating func dropArrivals() {
        deliveries = []
        settlements = []
    }
}
