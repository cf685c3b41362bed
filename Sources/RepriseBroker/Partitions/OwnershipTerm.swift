import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel

/// One period of ownership, from what was decided under the lock until the owner has lost the partition again.
struct OwnershipTerm: Sendable {
    private let contender: PartitionContender
    private let lock: PartitionLock
    private let decision: TakeoverDecision.Decision
    private let announcer: OwnershipAnnouncer
    private let link: BrokerPartitionLink
    /// Nil in a hub without logs.
    private let log: BrokerLog?
    private let segments: LogSegments

    private var partition: PartitionNumber { contender.partition }
    private var owner: any PartitionOwner { contender.owner }

    /// How often the policy is told the owner's position.
    private static let beat = Duration.seconds(1)
    private static let drainStep = Duration.milliseconds(10)

    init(
        contender: PartitionContender,
        lock: PartitionLock,
        decision: TakeoverDecision.Decision,
        announcer: OwnershipAnnouncer
    ) {
        self.contender = contender
        self.lock = lock
        self.decision = decision
        self.announcer = announcer
        link = BrokerPartitionLink(
            partition: contender.partition,
            partitionCount: contender.partitionCount,
            names: contender.names,
            lock: lock,
            answers: contender.ways.answers,
            silent: contender.ways.silent
        )
        segments = LogSegments(
            partition: contender.partition,
            names: contender.names,
            lock: lock,
            deleting: contender.consuming.connection,
            timing: contender.timing,
            logger: contender.logger
        )
        log =
            contender.keepsLog
            ? BrokerLog(
                partition: contender.partition,
                names: contender.names,
                lock: lock,
                segments: segments,
                journal: decision.journal,
                timing: contender.timing,
                mark: { announcer.record(of: contender.node)?.mark },
                onPoint: { pointer in
                    announcer.saw(segment: pointer.segment)
                    announcer.note { $0.log = pointer }
                }
            ) : nil
    }

    /// Returns when the partition was handed over; throws what else ended it.
    func run() async throws {
        let ending = await withTaskGroup(of: Void.self) { group in
            group.addTask { await segments.run() }
            group.addTask { await makeMissingQueues() }
            group.addTask { await repairHub() }
            group.addTask { await run(link.tasks, on: contender.ways.tasks, for: "tasks") }
            group.addTask { await run(link.statuses, on: contender.ways.statuses, for: "status messages") }
            let ending: (any Error)?
            do {
                try await take()
                group.addTask { await keepAnnouncing() }
                group.addTask { await keepRecord() }
                if log != nil { group.addTask { await watchLog() } }
                ending = try await consume()
            } catch {
                ending = error
            }
            // In this order: nothing more goes out or comes in, the owner stops, and only then may another node begin.
            link.close()
            await owner.lose(
                ending.map { $0 is CancellationError ? "this node is stopping" : "\($0)" } ?? "handed over"
            )
            await link.inbox?.close()
            // Before the segments are awaited: what it asks of a broker that does not answer must not keep the lock.
            await lock.channel.close()
            lock.listen { _ in }
            group.cancelAll()
            return ending
        }
        if let ending { throw ending }
    }

    private func run(_ lane: Lane, on line: PublishingLine, for purpose: String) async {
        await lane.run(on: line, for: "partition \(partition): \(purpose)", logger: contender.logger) { error in
            link.missing.post([error.message])
        }
    }

    private func take() async throws {
        // A confirm may be heard of while `take` still runs: what recovery publishes is settled too.
        link.listen { [owner] in owner.settle($0) }
        lock.listen { [link, log] settlements in link.settleOwn(log?.settle(settlements) ?? settlements) }
        let (epoch, pointer) = try await owner.take(
            Ownership(link: link, log: log, beginning: decision.beginning)
        )
        let holding = try await owner.holding()
        // Only now: an owner that is recorded but gets no further would look as if it had begun, and the next one would
        // not resend anything.
        if decision.mustRecord, let journal = holding?.journal { try await record(journal) }
        contender.logger.info("partition \(partition) taken (epoch \(epoch))")
        announcer.note {
            $0.role = .owner
            $0.holding = holding
            $0.log = pointer
            $0.trouble = nil
        }
        if let pointer, let journal = holding?.journal { segments.sweep(below: pointer.segment, of: journal) }
    }

    private func record(_ journal: JournalID) async throws {
        try await JournalRecord(journal: journal).write(partition, contender.names, lock.channel)
    }

    /// Feeds the inbox to the owner until something ends it, and returns what did; nil after a hand-over.
    private func consume() async throws -> (any Error)? {
        let gate = DeliveryGate(owner: owner, link: link)
        defer { gate.close() }
        let inbox = contender.names.inbox(partition)
        let consumer = try await Consumer.open(
            on: contender.consuming.connection,
            confirms: false,
            ended: lock.ended,
            take: gate.deliver
        )
        link.open(inbox: consumer.channel)
        try await consumer.consume(inbox, prefetch: contender.prefetch)
        let ending = await withTaskGroup(of: (any Error)?.self) { group in
            defer { group.cancelAll() }
            group.addTask { await lock.ended.value() ?? CancellationError() }
            group.addTask {
                do {
                    try await contender.policy.untilUnwanted(partition)
                    return nil
                } catch {
                    return error
                }
            }
            return await group.next() ?? CancellationError()
        }
        guard ending == nil else { return ending }
        contender.logger.info("partition \(partition) is handed over")
        try await consumer.cancel(inbox)
        try await drain()
        if let holding = try? await owner.holding() { announcer.note { $0.holding = holding } }
        try await announcer.record(of: contender.node)?.write(partition, contender.names, lock.channel)
        return nil
    }

    /// Waits until what was delivered is committed and what that decided is confirmed; not for long, since nothing is lost
    /// without.
    private func drain() async throws {
        let clock = contender.timing.clock
        do {
            try await within(contender.timing.drain, of: clock, "the last commits of partition \(partition)") {
                while !link.isDrained { try await clock.sleep(for: Self.drainStep) }
            }
        } catch is TimedOut {
            return
        }
    }

    private func keepAnnouncing() async {
        while !Task.isCancelled {
            guard (try? await contender.timing.clock.sleep(for: Self.beat)) != nil else { return }
            guard let holding = try? await owner.holding() else { continue }
            let activities = link.activities
            announcer.note {
                $0.holding = holding
                if !activities.isEmpty { $0.activities = activities }
            }
        }
    }

    /// Writes the broker's record again while the partition moves on, and where it is gone: purged, expired by a policy, or
    /// lost with its queue.
    private func keepRecord() async {
        let queue = contender.names.journal(partition)
        var written: JournalRecord?
        while (try? await contender.timing.clock.sleep(for: contender.timing.watch)) != nil {
            guard let record = announcer.record(of: contender.node) else { continue }
            do {
                let found = try await contender.consuming.connection.existingQueue(queue)
                if found == nil { await contender.repair("partition \(partition): there is no queue '\(queue)'.") }
                guard record != written || found?.messageCount ?? 0 == 0 else { continue }
                if written == record {
                    contender.logger.warning("the record in '\(queue)' is gone: it is written again")
                }
                written = try await write(record)
            } catch {
                // The connection is lost, which others find out too, or the next round finds it better.
                contender.logger.debug("the record in '\(queue)' cannot be written: \(error)")
            }
        }
    }

    /// Until it names the current segment: one that began meanwhile has written its own record, perhaps before this one.
    private func write(_ record: JournalRecord) async throws -> JournalRecord {
        var record = record
        while true {
            try await record.write(partition, contender.names, lock.channel)
            guard let current = announcer.record(of: contender.node), current.pointer != record.pointer else {
                return record
            }
            record = current
        }
    }

    /// Gives up the partition when the stream of its log was deleted, so that its next owner begins another.
    ///
    /// With something to commit its owner finds out by itself; otherwise the partition would depend on one disk alone.
    private func watchLog() async {
        while (try? await contender.timing.clock.sleep(for: contender.timing.watch)) != nil {
            guard let segment = announcer.log?.segment else { continue }
            let stream = contender.names.log(partition, segment: segment)
            do {
                guard try await contender.consuming.connection.existingQueue(stream) == nil else { continue }
            } catch {
                // The connection is lost, which others find out too.
                continue
            }
            // A new segment may have begun meanwhile, and this one be deleted.
            if announcer.log?.segment == segment {
                lock.ended.set(RabbitMQError(.notFound, "The stream '\(stream)' of its log was deleted."))
                return
            }
        }
    }

    /// Makes the hub's own queues and exchanges again when a message for one came back, or closed its channel. It comes
    /// again: by its owner's retry, or on the next channel.
    private func repairHub() async {
        while let missing = await link.missing.next() {
            await contender.repair("partition \(partition): \(missing[0])")
            try? await contender.timing.clock.sleep(for: contender.timing.pause)
        }
    }

    /// Makes the queue of an activity that no worker has made yet, so that its tasks wait where any worker can find
    /// them.
    ///
    /// The task itself was returned, and comes again by its owner's retry: by then the queue is old enough to survive
    /// a kill -9 of the broker.
    private func makeMissingQueues() async {
        while let activities = await link.missingActivities.next() {
            for activity in Set(activities).sorted() {
                do {
                    let channel = try await contender.consuming.connection.openChannel(confirms: false)
                    let arguments = QueueArguments.activity(names: contender.names)
                    try await channel.declareQueue(contender.names.activity(activity), arguments: arguments)
                    await channel.close()
                    contender.logger.notice("no worker of '\(activity)' has come yet; its tasks wait in its queue")
                } catch {
                    contender.logger.warning("the queue of '\(activity)' cannot be made: \(error)")
                }
            }
        }
    }
}
