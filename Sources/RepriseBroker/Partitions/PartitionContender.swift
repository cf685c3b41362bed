import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel

/// One partition's place at the broker, for as long as the node's two connections live.
///
/// ```
///  until this node wants it                    with logs: follow the log of its owner
///    └► lock (exclusive consumer on …owner.<p>)     403: another node has it
///         └► decide how to begin                    journal record, log, what is here (TakeoverDecision)
///              └► owner.take                        recovers, publishes what the broker may not have
///                   └► inbox consumer               deliver, settle … until anything closes, or another wants it
///                        └► owner.lose              then the channels go, and the lock with them
/// ```
struct PartitionContender: Sendable {
    let partition: PartitionNumber
    let owner: any PartitionOwner
    let topology: HubTopology
    let policy: any AssignmentPolicy
    /// Whether the hub's partitions keep logs.
    let keepsLog: Bool
    /// Whether this node follows the log while another owns the partition.
    let standsBy: Bool
    /// For people: who fenced.
    let node: String
    let owning: LiveConnection
    let consuming: LiveConnection
    let ways: WaysOut
    let hubRepair: HubRepair
    let prefetch: UInt16
    let timing: LogTiming
    let logger: Logger

    var names: HubNames { HubNames(topology.hub) }
    var partitionCount: Int { topology.partitionCount }

    /// Takes the partition again whenever it can. Returns when the task is canceled; throws when a connection is lost.
    func run() async throws {
        let announcer = OwnershipAnnouncer(partition, policy: policy)
        // What is tried each second is logged only when it is new.
        var lastSaid = ""
        var failures = 0
        var generator = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            let start = ContinuousClock.now
            do {
                announcer.standBy(try await owner.holding())
                try await hold(try await acquire(announcer), announcer)
                lastSaid = ""
                failures = 0
            } catch {
                if let lost = owning.lost ?? consuming.lost { throw lost }
                guard !Task.isCancelled else { return }
                announcer.note { $0.trouble = "\(error)" }
                let isForPeople = (error as? TakeoverDeclined)?.isForPeople == true
                let said = isForPeople ? "is not taken here: \(error)" : "is tried again after: \(error)"
                if said != lastSaid {
                    logger.log(level: isForPeople ? .error : .warning, "partition \(partition) \(said)")
                }
                lastSaid = said
                // Each taking costs an epoch: what ends it again and again must not cost one a second.
                failures = ContinuousClock.now - start > Self.calm.cap ? 1 : failures + 1
                await repair(after: error)
                let pause =
                    switch error {
                    case is RabbitMQError: Self.calm.delay(failures: failures, using: &generator)
                    case is TakeoverDeclined where isForPeople: timing.pauseForPeople
                    default: timing.pause
                    }
                try? await timing.clock.sleep(for: pause)
            }
        }
    }

    private static let calm = RabbitMQBackoff(base: .seconds(1), cap: .seconds(30))

    /// A queue that is not there is made again, and all others of the hub with it.
    private func repair(after error: any Error) async {
        guard let error = error as? RabbitMQError, [.notFound, .returned].contains(error.code) else { return }
        await repair("partition \(partition): \(error.message)")
    }

    func repair(_ why: String) async {
        await hubRepair.run {
            do {
                try await topology.repair(on: consuming.connection, clock: timing.clock)
                logger.warning(
                    "\(why) All queues and exchanges of hub '\(topology.hub)' that were missing are made again"
                )
            } catch {
                guard !Task.isCancelled else { return }
                logger.error("\(why) The queues and exchanges of hub '\(topology.hub)' cannot be made again: \(error)")
            }
        }
    }

    /// Waits until the lock is wanted and free. Meanwhile the log is followed, and no longer when this returns.
    private func acquire(_ announcer: OwnershipAnnouncer) async throws -> PartitionLock {
        try await withThrowingTaskGroup(of: PartitionLock?.self) { group in
            defer { group.cancelAll() }
            if keepsLog, standsBy {
                group.addTask {
                    await follower(announcer).run()
                    return nil
                }
            }
            group.addTask {
                while true {
                    try await policy.untilWanted(partition)
                    do {
                        return try await PartitionLock.take(partition, names: names, on: owning.connection)
                    } catch let error as RabbitMQError where error.code == .accessRefused {
                        logger.debug("partition \(partition) has another owner")
                    }
                }
            }
            while let lock = try await group.next() {
                if let lock { return lock }
            }
            throw CancellationError()
        }
    }

    private func follower(_ announcer: OwnershipAnnouncer) -> LogFollower {
        LogFollower(
            partition: partition,
            owner: owner,
            names: names,
            policy: policy,
            connection: consuming.connection,
            announcer: announcer,
            timing: timing,
            logger: logger
        )
    }

    /// One period of ownership. Returns when the partition is handed over; the lock is free again when it ends.
    private func hold(_ lock: PartitionLock, _ announcer: OwnershipAnnouncer) async throws {
        let opening = TakeoverDecision(
            partition: partition,
            owner: owner,
            names: names,
            policy: policy,
            keepsLog: keepsLog,
            node: node,
            lock: lock,
            reading: consuming.connection,
            announcer: announcer,
            timing: timing,
            logger: logger
        )
        do {
            let decision = try await opening.decide()
            let term = OwnershipTerm(contender: self, lock: lock, decision: decision, announcer: announcer)
            try await term.run()
        } catch {
            await lock.channel.close()
            announcer.letGo()
            throw error
        }
        await lock.channel.close()
        announcer.letGo()
    }
}
