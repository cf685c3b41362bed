import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTestSupport

/// The log's port over the simulated broker: what is appended goes over the connection that publishes, and whoever
/// appends waits, while the world may go on.
final class SimulatedLog: PartitionLog, @unchecked Sendable {
    // Proof of Sendable: a simulation runs in one thread.
    private let process: SimulatedProcess
    private let tenure: Tenure
    private var journal: JournalID?
    private var prepared: Set<Int64> = []

    init(_ process: SimulatedProcess, _ tenure: Tenure, journal: JournalID?) {
        self.process = process
        self.tenure = tenure
        self.journal = journal
    }

    private var hub: SimulatedHub { process.hub }
    private var broker: SimulatedBroker { process.hub.broker }

    func append(_ record: [UInt8], to segment: Int64) throws(JournalError) {
        try append([record], to: segment)
    }

    func append(_ records: [[UInt8]], to segment: Int64) throws(JournalError) {
        let kinds = records.map { try? LogRecordCodec.decode($0) }
        if case .head(let head)?? = kinds.first { journal = journal ?? head.identity.id }
        let stream = Stream(partition: tenure.partition, segment: segment)
        if segment != broker.pointers[tenure.partition]?.pointer.segment, case .commit?? = kinds.first {
            hub.note(.committedBesideASnapshot)
            if hub.flaw == .losesCommitsBesideASnapshot { return }
        }
        var tags: [UInt64] = []
        for (record, kind) in zip(records, kinds) {
            let tag = tenure.owning.nextTag()
            tenure.owning.write(.append(stream, record, tag: tag), tenure)
            tags.append(tag)
            switch kind {
            case .fence?: try process.reach(.fenceWritten)
            case .commit?: try process.reach(.appendWritten)
            case .head?, .snapshot?, .snapshotEnd?: try process.reach(.snapshotPieceWritten)
            case .sealed?, nil: break
            }
        }
        try awaitWord(of: tags, "a record")
        switch kinds.last {
        case .fence??: try process.reach(.fenceConfirmed)
        case .snapshotEnd??: try process.reach(.snapshotConfirmed)
        case .sealed??: try process.reach(.sealConfirmed)
        default: break
        }
    }

    func open(segment: Int64) throws(JournalError) {
        let stream = Stream(partition: tenure.partition, segment: segment)
        if prepared.remove(segment) == nil { make(stream) }
        try awaitMaking(of: stream)
        while let made = broker.streams[stream]?.made, hub.now - made < SimulatedBroker.settling {
            hub.wait(.milliseconds(500))
            guard !process.isDead else { throw process.death }
        }
        guard tenure.owning.isUsable, broker.streams[stream] != nil else { throw unlogged("a new segment") }
        try process.reach(.segmentOpened)
    }

    func prepare(segment: Int64) {
        make(Stream(partition: tenure.partition, segment: segment))
        prepared.insert(segment)
    }

    private func make(_ stream: Stream) {
        tenure.owning.write(.open(stream), tenure)
        if tenure.owning.isUsable { broker.serve(tenure.owning) }
    }

    func point(to pointer: LogAddress) throws(JournalError) {
        let tag = tenure.owning.nextTag()
        tenure.owning.write(.point(pointer, journal: journal ?? "", tag: tag), tenure)
        try process.reach(.pointerWritten)
        try awaitWord(of: [tag], "its pointer")
        hub.note(.segment)
        try process.reach(.pointerConfirmed)
    }

    func delete(segment: Int64) {
        tenure.owning.write(.delete(Stream(partition: tenure.partition, segment: segment)), tenure)
    }

    /// The broker answers a declaration. Before it does, what has the name may be what another owner left there.
    private func awaitMaking(of stream: Stream) throws(JournalError) {
        var roundsLeft = 8
        while tenure.owning.isAbout(toOpen: stream) {
            guard !process.isDead else { throw process.death }
            guard roundsLeft > 0 else {
                process.leave(tenure)
                throw unlogged("a new segment")
            }
            roundsLeft -= 1
            hub.wait(.milliseconds(400))
            broker.serve(tenure.owning)
        }
    }

    /// Waits for the broker's word on all of them.
    private func awaitWord(of tags: [UInt64], _ what: String) throws(JournalError) {
        var waiting = Set(tags)
        var roundsLeft = 8
        if !hub.isHealed, hub.random.chance(2) { hub.wait(.milliseconds(300)) }
        if !hub.isHealed, hub.random.chance(1) {
            // All of it gets there, and the news of it does not.
            broker.serve(tenure.owning)
            process.cutOff(tenure.owning)
            hub.note(.unconfirmedButThere)
        }
        while true {
            guard !process.isDead else { throw process.death }
            guard tenure.owning.isUsable else { throw unlogged(what) }
            broker.serve(tenure.owning)
            if tenure.owning.cutSince == nil {
                let decided = tenure.owning.take(tags: waiting)
                if decided.isReturned { throw unlogged(what) }
                waiting.subtract(decided.confirmed)
            }
            if waiting.isEmpty { return }
            guard roundsLeft > 0 else {
                process.leave(tenure)
                throw unlogged(what)
            }
            roundsLeft -= 1
            hub.wait(.milliseconds(400))
            while process.isFrozen { hub.wait(.milliseconds(200)) }
        }
    }

    private func unlogged(_ what: String) -> JournalError {
        JournalError(.unlogged, "the log of partition \(tenure.partition) did not confirm \(what)")
    }
}

/// The way out over the simulated broker.
final class SimulatedLink: PartitionLink, @unchecked Sendable {
    // Proof of Sendable: a simulation runs in one thread.
    private let process: SimulatedProcess
    private let tenure: Tenure

    init(_ process: SimulatedProcess, _ tenure: Tenure) {
        self.process = process
        self.tenure = tenure
    }

    func publish(_ messages: [Outbound]) {
        guard !process.isDead, !tenure.isOver else { return }
        for message in messages {
            if process.hub.flaw == .resendsNothing, process.hub.isAskedFor(message) {
                process.contenders[tenure.partition.value].settlements.append(
                    OutboundSettlement(number: message.number, outcome: .confirmed)
                )
                continue
            }
            let tag = tenure.owning.nextTag()
            tenure.outbound[tag] = message.number
            process.hub.oracle.verify(message, tenure.partition, process.node)
            let written = process.hub.flaw.map { $0.changed(message) } ?? message
            tenure.owning.write(.publish(written, tag: tag), tenure)
        }
    }

    func answer(_ replies: [Reply]) {
        guard !process.isDead, !tenure.isOver, tenure.owning.isUsable else { return }
        process.hub.hear(replies)
    }

    /// Workers here answer at once: there is nothing to withdraw, and nothing to resume.
    func withdraw(_ tasks: [WithdrawnTask]) {}
    func resume(_ reports: [ProgressReport]) {}

    func report(_ progress: [ProgressMessage]) {
        guard !process.isDead, !tenure.isOver, tenure.owning.isUsable else { return }
        process.hub.hear(progress)
    }

    func acknowledge(through tag: UInt64) {
        guard !process.isDead, !tenure.isOver else { return }
        tenure.consuming.write(.acknowledge(through: tag), tenure)
    }

    func resign(_ reason: String) { process.leave(tenure) }
}
