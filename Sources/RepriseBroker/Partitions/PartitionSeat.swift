import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel

/// One partition's place at the broker, for as long as the node's two connections live.
///
/// ```
///  lock (exclusive consumer on …owner.<p>)     403: somebody else has it; asked again every second
///    └► journal record: ours, or none yet      another's: refused
///         └► owner.take(link)                  recovers, publishes what the broker may not have
///              └► inbox consumer               deliver, settle … until anything at all closes
///                   └► owner.lose              then the channels go, and the lock with them
/// ```
struct PartitionSeat: Sendable {
    let identity: JournalIdentity
    let owner: any PartitionOwner
    let names: HubNames
    let owning: LiveConnection
    let consuming: LiveConnection
    let prefetch: UInt16
    let logger: Logger

    private static let pause = Duration.seconds(1)
    private var partition: PartitionNumber { identity.partition }

    /// Takes the partition over and over. Returns when the task is cancelled; throws when a connection is lost or the
    /// partition belongs to another journal.
    func run() async throws {
        /// What is tried each second is said only when it is news.
        var lastSaid = ""
        while !Task.isCancelled {
            do {
                let lock = try await PartitionLock.take(partition, names: names, on: owning.connection)
                // A partition that cannot even be taken, as long as its disk is full, says so once.
                try await hold(lock) { lastSaid = "" }
            } catch let error as HubError where !error.isRetriable {
                throw error
            } catch {
                if let lost = owning.lost.now ?? consuming.lost.now { throw lost }
                guard !Task.isCancelled else { return }
                let isHeld = (error as? RabbitMQError)?.code == .accessRefused
                let news = isHeld ? "has another owner; waiting for its lock" : "is taken again after: \(error)"
                if news != lastSaid { logger.log(level: isHeld ? .info : .warning, "partition \(partition) \(news)") }
                lastSaid = news
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// One period of ownership. Always throws but when the task is cancelled; the lock is free again when it ends.
    private func hold(_ lock: PartitionLock, onTaken: () -> Void) async throws {
        do {
            try await JournalRecord(names: names).check(identity, lock.channel)
        } catch {
            await lock.channel.close()
            throw error
        }
        let link = SeatLink(partition: partition, names: names, lock: lock)
        let ending: any Error
        do {
            // The news of a confirm may come while `take` still runs: what recovery publishes is settled too.
            lock.listen { [owner] settlements in
                let outcomes = link.outcomes(of: settlements)
                if !outcomes.isEmpty { owner.settle(outcomes) }
            }
            let epoch = try await owner.take(link)
            onTaken()
            logger.info("partition \(partition) taken (epoch \(epoch))")
            ending = try await consume(link, lock)
        } catch {
            ending = error
        }
        // In this order: nothing more goes out or comes in, the owner stops, and only then somebody else may begin.
        link.close()
        await owner.lose(ending is CancellationError ? "this node is stopping" : "\(ending)")
        await link.inbox?.close()
        await lock.channel.close()
        throw ending
    }

    /// Feeds the inbox to the owner until something ends it; returns what did.
    private func consume(_ link: SeatLink, _ lock: PartitionLock) async throws -> any Error {
        let gate = DeliveryGate(owner: owner, link: link)
        defer { gate.close() }
        let channel = try await consuming.connection.openChannel(confirms: false) { event in
            switch event {
            case .deliveries(let deliveries): gate.deliver(deliveries)
            case .settled, .flow: break
            case .consumerCancelled: lock.ended.set(RabbitMQError(.notFound, "The inbox was deleted."))
            case .closed(let error): lock.ended.set(error)
            }
        }
        link.open(inbox: channel)
        try await channel.setPrefetch(prefetch)
        try await channel.consume(names.inbox(partition))
        return try await withThrowingTaskGroup(of: (any Error)?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                await makeMissingQueues(link)
                return nil
            }
            group.addTask { await lock.ended.value() ?? CancellationError() }
            while let ending = try await group.next() {
                if let ending { return ending }
            }
            return CancellationError()
        }
    }

    /// Makes the queue of an activity that no worker has made yet, so that its tasks wait where any worker finds them.
    ///
    /// The task itself was returned, and comes again by its owner's retry: by then the queue is old enough to survive
    /// a kill -9 of the broker.
    private func makeMissingQueues(_ link: SeatLink) async {
        while let activities = await link.missingActivities.next() {
            for activity in Set(activities).sorted() {
                do {
                    let channel = try await consuming.connection.openChannel(confirms: false)
                    let arguments = QueueArguments.activity(names: names)
                    try await channel.declareQueue(names.activity(activity), arguments: arguments)
                    await channel.close()
                    logger.notice("no worker of '\(activity)' has come yet; its tasks wait in its queue")
                } catch {
                    logger.warning("the queue of '\(activity)' cannot be made: \(error)")
                }
            }
        }
    }
}
