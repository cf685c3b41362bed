import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel

/// Decides, under the lock, how an ownership begins: from what the broker records, its log, and what is here.
///
/// ```
///  record        here          log                begins by
///  ──────        ────          ───                ─────────
///  none          anything      none, or no more   bootstrap, if no other node knows better
///                              than is here
///  a journal     the same      none in this hub   going on
///  a journal     the same      to begin           seeding segment 1 of the log; nothing is sent again
///  a pointer     anything      readable           catching up, and going on
///  a pointer     a journal     lost, or its end   seeding the next segment, if no other node has more; loudly
/// ```
/// In all other cases this node lets the partition go, and says why.
struct TakeoverDecision: Sendable {
    let partition: PartitionNumber
    let owner: any PartitionOwner
    let names: HubNames
    let policy: any AssignmentPolicy
    let keepsLog: Bool
    let node: String
    let lock: PartitionLock
    let reading: RabbitMQConnection
    let announcer: OwnershipAnnouncer
    let timing: LogTiming
    let logger: Logger

    /// What a partition begins with.
    struct Decision {
        var beginning: Ownership.Beginning
        /// The journal that is here, if one is.
        var journal: JournalID?
        /// Whether the broker must be told once the partition is taken up.
        var mustRecord = false
    }

    /// - Throws: ``TakeoverDeclined`` when this node does not begin the partition.
    func decide() async throws -> Decision {
        let record = try await JournalRecord.read(partition, names, lock.channel)
        let decision = try await decide(by: record, try await owner.holding())
        // Before anything is written that earlier releases cannot read.
        try await record?.raise(partition, names, lock.channel)
        return decision
    }

    private func decide(by record: JournalRecord?, _ holding: HeldJournal?) async throws -> Decision {
        if let record, keepsLog, let pointer = record.pointer {
            return try await catchUp(record, pointer, holding)
        }
        guard let record else { return try await found(holding) }
        guard record.pointer == nil else {
            throw TakeoverDeclined(
                "it keeps a log, and this node is set to keep none: commits that are not in the log would be lost with this "
                    + "disk. Set the same on every node",
                isForPeople: true
            )
        }
        guard let holding else {
            throw TakeoverDeclined("it belongs to the journal \(record.journal), and nothing of it is here")
        }
        guard record.journal == holding.journal else { throw belongsToAnother(record, holding) }
        guard keepsLog else { return Decision(beginning: .goOn(epoch: nil, pointer: nil), journal: holding.journal) }
        logger.notice("partition \(partition) begins to keep a log")
        // The broker has all that it had: only the log is new.
        let segment = try await nextSegment(after: 0)
        return Decision(beginning: .seed(segment: segment, continues: true), journal: holding.journal)
    }

    /// The broker knows nothing: the partition is new, or the broker was wiped.
    private func found(_ holding: HeldJournal?) async throws -> Decision {
        try await agree(holding)
        let highest = keepsLog ? try await surveyed(holding) : 0
        if let holding {
            logger.warning(
                """
                the broker does not know the journal of partition \(partition), which is here at commit \
                \(holding.standing.commit): the broker was wiped, or its queue '\(names.journal(partition))' purged. It \
                goes on from this journal. Messages that only the broker had are lost
                """
            )
        }
        if keepsLog {
            return Decision(
                beginning: .seed(segment: try await nextSegment(after: highest)),
                journal: holding?.journal
            )
        }
        return Decision(
            beginning: holding.map { known in
                .goOn(epoch: known.standing.epoch(after: JournalPosition.epochsOfALostLog), pointer: nil)
            } ?? .found,
            journal: holding?.journal,
            mustRecord: true
        )
    }

    /// The highest segment that the broker has a stream of; 0 for none.
    ///
    /// - Throws: ``TakeoverDeclined`` when one of them holds what would be lost: the log is the partition, whatever became of the
    ///   record.
    private func surveyed(_ holding: HeldJournal?) async throws -> Int64 {
        // Reading a log takes long: not each second.
        if let known = announcer.refusal(for: holding) { throw known }
        let survey = LogSurvey(connection: reading, timing: timing)
        let found = try await survey.all(partition, names, upTo: announcer.highestSegment, of: node)
        if let refusal = LogSurvey.refusal(found, of: partition, names, holding) {
            announcer.refused(refusal, for: holding)
            logger.error("partition \(partition) is not begun: \(refusal)")
            throw refusal
        }
        return found.compactMap(\.head?.segment).max() ?? 0
    }

    private func catchUp(
        _ record: JournalRecord,
        _ pointer: LogAddress,
        _ holding: HeldJournal?
    ) async throws -> Decision {
        announcer.saw(segment: pointer.segment)
        let holding = ofThisLog(holding, record)
        let takeover = LogTakeover(
            partition: partition,
            owner: owner,
            stream: names.log(partition, segment: pointer.segment),
            pointer: pointer,
            channel: lock.channel,
            reading: reading,
            node: node,
            announcer: announcer,
            timing: timing,
            logger: logger
        )
        switch try await takeover.catchUp(from: holding) {
        case .caughtUp(let epoch):
            return Decision(beginning: .goOn(epoch: epoch, pointer: pointer), journal: record.journal)
        case .lost(let how):
            guard let holding else {
                throw TakeoverDeclined(
                    "its log is lost (\(how)), and nothing of its journal is here: start a node that has it"
                )
            }
            logger.error("the log of partition \(partition) is lost: \(how)")
            try await agree(holding)
            let segment = try await nextSegment(after: pointer.segment)
            logger.warning(
                """
                the log of partition \(partition) begins again: segment \(segment), from the journal here at commit \
                \(holding.standing.commit)
                """
            )
            return Decision(beginning: .seed(segment: segment), journal: holding.journal)
        }
    }

    /// A journal of another history counts for nothing, however far it is.
    private func ofThisLog(_ holding: HeldJournal?, _ record: JournalRecord) -> HeldJournal? {
        guard let holding, holding.journal != record.journal else { return holding }
        logger.warning(
            """
            partition \(partition) belongs to the journal \(record.journal), and \(holding.journal) is here: that is \
            set aside
            """
        )
        return nil
    }

    private func agree(_ holding: HeldJournal?) async throws {
        if case .elsewhere(let who) = try await policy.bootstrap(partition, holding: holding) {
            throw TakeoverDeclined("another node should begin it: \(who)")
        }
    }

    /// A number that no stream has, above all that were ever seen or tried.
    private func nextSegment(after last: Int64) async throws -> Int64 {
        let highest = max(last, announcer.highestSegment)
        guard var segment = OutsideNumber.start(highest + 1) else {
            throw TakeoverDeclined(
                "it has had a log of segment \(highest), after which there is no number: a stranger made it up. See "
                    + "'\(names.journal(partition))' and who announces it on '\(names.nodes)', and start the node again once "
                    + "that is gone",
                isForPeople: true
            )
        }
        while try await reading.existingQueue(names.log(partition, segment: segment)) != nil { segment += 1 }
        announcer.saw(segment: segment)
        return segment
    }

    private func belongsToAnother(_ record: JournalRecord, _ holding: HeldJournal) -> TakeoverDeclined {
        TakeoverDeclined(
            "it belongs to the journal \(record.journal), and this node has \(holding.journal): start it with the "
                + "data directory that holds the other journal. If that is lost for good, delete the queue's message (purge "
                + "'\(names.journal(partition))'): the partition then continues from what is here",
            isForPeople: true
        )
    }
}
