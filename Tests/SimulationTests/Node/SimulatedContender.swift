import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTestSupport

/// A partition's place in a process: it follows the log, tries for the lock, and owns.
///
/// What the broker's contender and the partition's loop do over threads and sockets, step by step in one thread.
final class SimulatedContender {
    let process: SimulatedProcess
    let partition: PartitionNumber
    let replica: PartitionReplica
    var tenure: Tenure?
    var link: SimulatedLink?
    var deliveries: [InboundDelivery] = []
    var settlements: [OutboundSettlement] = []
    private(set) var isBusy = false
    private var follower: LogFollowing?
    private var mustRebuild = false
    private var finished: Int64 = 0

    init(_ process: SimulatedProcess, _ partition: PartitionNumber, _ replica: PartitionReplica) {
        self.process = process
        self.partition = partition
        self.replica = replica
    }

    private struct LogFollowing {
        var pointer: LogAddress
        var next: Int64
        var timesSeen = 0
    }

    var hub: SimulatedHub { process.hub }

    func turn() {
        isBusy = true
        defer { isBusy = false }
        if let tenure {
            guard !tenure.isOver else { return lose() }
            guard let link, let owned = replica.partition else { return lose() }
            if hub.isMove(self) ? hub.random.chance(10) : !hub.isHealed && hub.random.chance(1) {
                return handOver(tenure)
            }
            own(owned, tenure, link)
        } else {
            if hub.wants(self), hub.random.chance(hub.broker.owner(of: partition) == nil ? 40 : 5) { takeOver() }
            if tenure == nil, !process.isDead, hub.hasLog { follow() }
        }
    }

    // MARK: Owning

    private func own(_ owned: Partition, _ tenure: Tenure, _ link: SimulatedLink) {
        let count = owned.isCongested ? 0 : min(deliveries.count, Int.random(in: 0...6, using: &hub.random))
        let batch = Array(deliveries.prefix(count))
        deliveries.removeFirst(count)
        let settled = hub.isHealed ? settlements.count : Int.random(in: 0...settlements.count, using: &hub.random)
        let outcomes = Array(settlements.prefix(settled))
        settlements.removeFirst(settled)
        if hub.flaw == .acknowledgesBeforeCommit, let tag = batch.last?.tag { link.acknowledge(through: tag) }
        do {
            if batch.isEmpty, outcomes.isEmpty, !isDue(owned) {
                if owned.isRollingLog { return try replica.maintain() }
                if hub.isHealed || hub.random.chance(30) { try owned.flush() }
                return
            }
            try carryOut(try owned.handle(batch, settlements: outcomes), tenure, link)
            try replica.maintain()
            try replica.tidy(idle: false)
        } catch {
            giveUp(error)
        }
    }

    private func isDue(_ owned: Partition) -> Bool { owned.nextDue().map { $0 <= owned.recordedTime() } ?? false }

    /// Acks, publishes, answers. The partition's loop acks last, but over a connection of its own: a crash may leave the ack
    /// and none of the rest, and that is the worst.
    private func carryOut(_ effects: Partition.Effects, _ tenure: Tenure, _ link: SimulatedLink) throws(JournalError) {
        if var tag = effects.acknowledgeThrough {
            if hub.flaw == .acknowledgesTooMuch, hub.random.chance(30), !deliveries.isEmpty {
                tag = deliveries.removeFirst().tag
            }
            link.acknowledge(through: tag)
            if tenure.consuming.isUsable { hub.noteRefusals(effects.answers) }
            try process.reach(.acknowledged)
        }
        for message in effects.publish {
            link.publish([message])
            try process.reach(.publishing)
        }
        if !effects.publish.isEmpty { try process.reach(.published) }
        link.answer(effects.answers)
        link.report(effects.progress)
    }

    private func handOver(_ tenure: Tenure) {
        hub.note(.handOver)
        process.leave(tenure)
        lose()
    }

    private func giveUp(_ error: JournalError) {
        guard !process.isDead else { return }
        // The disk's state is unknown: the process ends.
        if error.code == .failed { return process.die() }
        lose()
    }

    /// Whatever is not committed is gone.
    func lose() {
        replica.drop()
        if let tenure { process.leave(tenure) }
        tenure = nil
        link = nil
        deliveries = []
        settlements = []
        follower = nil
        finished = 0
    }

    // MARK: Taking over

    private func takeOver() {
        guard let owning = process.owning, let consuming = process.consuming, owning.isUsable, consuming.isUsable,
            let tenure = hub.broker.lock(partition, owning: owning, consuming: consuming)
        else { return hub.note(.refusedLock) }
        self.tenure = tenure
        follower = nil
        let link = SimulatedLink(process, tenure)
        do {
            try process.reach(.lockTaken)
            guard let ownership = try prepare(tenure, link) else { return lose() }
            let (effects, _, _) = try replica.take(ownership)
            hub.tookOver(tenure)
            self.link = link
            deliveries = []
            var due = effects
            if hub.flaw == .publishesNothingAgain { due.publish = [] }
            try carryOut(due, tenure, link)
            guard tenure.consuming.isUsable, tenure.owning.isUsable else { return lose() }
            if !hub.hasLog { hub.broker.record(partition) }
            hub.broker.consume(tenure)
        } catch {
            if !process.isDead { giveUp(error) }
        }
    }

    /// Nil when another node must have it.
    private func prepare(_ tenure: Tenure, _ link: SimulatedLink) throws(JournalError) -> Ownership? {
        let holding = try replica.holding()
        guard hub.hasLog else { return prepareWithoutLog(holding, link) }
        let log = SimulatedLog(process, tenure, journal: holding?.journal)
        guard let (pointer, _) = hub.broker.pointers[partition] else {
            guard hub.isBest(process.node, partition) else { return nil }
            return Ownership(link: link, log: log, beginning: .seed(segment: 1))
        }
        if hub.flaw == .believesItsCopy, let holding, pointer.offset(after: holding.standing.commit) != nil,
            let epoch = lastOwn(in: pointer)
        {
            let log = SimulatedLog(process, tenure, journal: holding.journal)
            _ = try fence(epoch.next, pointer, log)
            return Ownership(link: link, log: log, beginning: .goOn(epoch: epoch.next, pointer: pointer))
        }
        var catchUp = LogCatchUp(pointer, from: holding)
        var verdict = try readToFence(&catchUp, log)
        if verdict == nil, !catchUp.isRebuilding {
            catchUp.rebuild()
            verdict = try readToFence(&catchUp, log)
        }
        if case .behind? = verdict, let known = catchUp.known,
            LogCatchUp.wentOn(without: known, in: records(of: pointer))
        {
            catchUp.rebuild()
            verdict = try readToFence(&catchUp, log)
        }
        switch verdict {
        case .caughtUp(let epoch)?:
            return Ownership(
                link: link,
                log: SimulatedLog(process, tenure, journal: try replica.holding()?.journal),
                beginning: .goOn(epoch: epoch, pointer: pointer)
            )
        case .behind?:
            hub.note(.seededAgain)
            guard hub.isBest(process.node, partition) else { return nil }
            return Ownership(link: link, log: log, beginning: .seed(segment: pointer.segment + 1))
        case .sealed(let next)?:
            hub.complain("segment \(pointer.segment) is sealed, and the pointer does not lead to \(next)")
            return nil
        case .readOn?, .fence?, .short?, nil: return nil
        }
    }

    private func prepareWithoutLog(_ holding: HeldJournal?, _ link: SimulatedLink) -> Ownership? {
        let isKnown = hub.broker.isRecorded(partition)
        if let holding {
            let epoch = isKnown ? nil : holding.standing.epoch(after: JournalPosition.epochsOfALostLog)
            return Ownership(link: link, log: nil, beginning: .goOn(epoch: epoch, pointer: nil))
        }
        guard hub.home(of: partition) === process.node else { return nil }
        return Ownership(link: link, log: nil, beginning: .found)
    }

    /// Nil when the journal here does not fit the log.
    private func readToFence(_ catchUp: inout LogCatchUp, _ log: SimulatedLog) throws(JournalError) -> LogCatchUp
        .Verdict?
    {
        let pointer = catchUp.pointer
        let stream = Stream(partition: partition, segment: pointer.segment)
        do throws(JournalError) {
            try replica.read(pointer, rebuilding: catchUp.isRebuilding)
            var nonce = try fence(catchUp.epoch, pointer, log)
            var next = min(catchUp.start ?? 0, hub.broker.streams[stream]?.lastOffset ?? 0)
            while true {
                guard let consuming = process.consuming, consuming.isUsable, consuming.cutSince == nil,
                    let entries = hub.broker.streams[stream]?
                        .entries(from: next, limit: Int.random(in: 1...20, using: &hub.random)),
                    let last = entries.last
                else { throw JournalError(.unlogged, "the log of partition \(partition) cannot be read") }
                next = last.offset + 1
                guard let progress = try replica.follow(Array(entries)) else { continue }
                switch catchUp.judge(progress, fence: nonce) {
                case .readOn: continue
                case .fence(let epoch):
                    hub.note(.fencedAgain)
                    nonce = try fence(epoch, pointer, log)
                case let verdict: return verdict
                }
            }
        } catch {
            guard error.code == .diverged else { throw error }
            hub.diverged(self)
            return nil
        }
    }

    private func fence(_ epoch: Epoch, _ pointer: LogAddress, _ log: SimulatedLog) throws(JournalError) -> UInt64 {
        let nonce = hub.random.next()
        let record = LogRecordCodec.encode(.fence(epoch: epoch, nonce: nonce, node: process.node.name))
        try log.append(record, to: pointer.segment)
        return nonce
    }

    /// The epoch of the last owner, when that was this node.
    private func lastOwn(in pointer: LogAddress) -> Epoch? {
        for case .fence(let epoch, _, let node) in records(of: pointer).reversed() {
            return node == process.node.name ? epoch : nil
        }
        return nil
    }

    private func records(of pointer: LogAddress) -> [LogRecord] {
        let stream = hub.broker.streams[Stream(partition: partition, segment: pointer.segment)]
        return stream?.entries.compactMap { try? LogRecordCodec.decode($0.bytes) } ?? []
    }

    // MARK: Standing by

    private func follow() {
        guard let consuming = process.consuming, consuming.isUsable, consuming.cutSince == nil, hub.broker.isUp,
            let heard = hub.broker.pointers[partition]?.pointer
        else { return }
        do {
            if follower == nil, heard.segment > finished { follower = try begin(heard) }
            guard var reading = follower else { return }
            let stream = Stream(partition: partition, segment: reading.pointer.segment)
            guard let found = hub.broker.streams[stream] else {
                follower = nil
                return
            }
            let limit = hub.flaw == .ignoresEpochs || hub.isHealed ? 1_000 : Int.random(in: 1...12, using: &hub.random)
            let entries = Array(found.entries(from: reading.next, limit: limit))
            guard let last = entries.last else {
                if heard.segment > reading.pointer.segment { reading.timesSeen += 1 }
                follower = reading.timesSeen > 5 ? nil : reading
                if reading.timesSeen > 5 { finished = reading.pointer.segment }
                return
            }
            reading.next = last.offset + 1
            follower = reading
            let progress = try replica.follow(hub.flaw == .ignoresEpochs ? LateFirst.reorder(entries) : entries)
            if progress?.sealed != nil {
                finished = reading.pointer.segment
                follower = nil
            }
        } catch {
            follower = nil
            guard !process.isDead else { return }
            if error.code == .failed { return process.die() }
            if error.code == .diverged {
                hub.diverged(self)
                mustRebuild = true
            }
        }
    }

    private func begin(_ pointer: LogAddress) throws(JournalError) -> LogFollowing {
        let start = mustRebuild ? nil : try replica.holding().flatMap { pointer.offset(after: $0.standing.commit) }
        try replica.read(pointer, rebuilding: start == nil)
        mustRebuild = false
        let stream = Stream(partition: partition, segment: pointer.segment)
        // A log that has lost its end may be shorter than that.
        let last = hub.broker.streams[stream]?.lastOffset ?? 0
        return LogFollowing(pointer: pointer, next: min(start ?? 0, last))
    }

    /// As far as the log goes, for now.
    var isCaughtUp: Bool {
        guard let pointer = hub.broker.pointers[partition]?.pointer, let follower else { return tenure != nil }
        let stream = Stream(partition: partition, segment: pointer.segment)
        return follower.pointer == pointer && follower.next > hub.broker.streams[stream]?.lastOffset ?? 0
    }
}
