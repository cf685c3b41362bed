import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel

/// Decides, under the lock, how an ownership begins: from what the broker records, its log, and what is here.
///
/// ```
///  record        here          log                     begins by
///  ──────        ────          ───                     ─────────
///  none          anything      says where it goes on   catching up, and writing the record again
///  none          anything      none, or no more        bootstrap, if no other node knows better
///                              than is here
///  a journal     the same      none in this hub        going on
///  a journal     the same      to begin                seeding segment 1 of the log; nothing is sent again
///  a pointer     anything      readable, and as far    catching up, and going on
///                              as the mark
///  a pointer     a journal     lost, or its end        seeding the next segment, if no other node has more; loudly
///                as far as
///                the mark
/// ```
/// In all other cases this node lets the partition go, and says why: for commits that it can find nowhere, only a person
/// can say that nobody has them.
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
        if case .goOn(_, let pointer?) = decision.beginning, pointer != record?.pointer, let journal = decision.journal
        {
            try await JournalRecord(journal: journal, pointer: pointer, mark: record?.mark)
                .write(partition, names, lock.channel)
        } else {
            // Before anything is written that earlier releases cannot read.
            try await record?.raise(partition, names, lock.channel)
        }
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

    /// The broker has no record: the partition is new, the record is lost, or the broker was wiped.
    private func found(_ holding: HeldJournal?) async throws -> Decision {
        let streams = keepsLog ? try await surveyed(holding) : []
        if let record = LogSurvey.present(streams), let pointer = record.pointer {
            logger.warning(
                """
                the record of partition \(partition) in '\(names.journal(partition))' is gone: it is written again from its \
                log, which goes on in segment \(pointer.segment) ('\(record.text)')
                """
            )
            return try await catchUp(record, pointer, holding)
        }
        if let refusal = LogSurvey.refusal(streams, of: partition, names, holding) {
            announcer.refused(refusal, for: holding)
            logger.error("partition \(partition) is not begun: \(refusal)")
            throw refusal
        }
        try await agree(holding)
        let highest = streams.compactMap(\.head?.segment).max() ?? 0
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

    /// All streams of the partition's log: the log is the partition, whatever became of the record.
    private func surveyed(_ holding: HeldJournal?) async throws -> [LogSurvey.Found] {
        // Reading a log takes long: not each second.
        if let known = announcer.refusal(for: holding) { throw known }
        if announcer.hasNoLog { try await agree(holding) }
        let survey = LogSurvey(connection: reading, timing: timing)
        let found = try await survey.all(partition, names, upTo: announcer.highestSegment, of: node)
        announcer.surveyed(found)
        return found
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
            mark: record.mark,
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
        case .goesOn(let next): return try await goOn(record, after: pointer, in: next)
        case .missing(let how):
            if let found = LogSurvey.present(try await surveyed(holding)), found.journal == record.journal,
                let next = found.pointer, next.segment > pointer.segment
            {
                return try await goOn(record, after: pointer, in: next.segment)
            }
            return try await beginAgain(record, pointer, holding, since: how)
        case .lost(let how): return try await beginAgain(record, pointer, holding, since: how)
        case .short(let logged): throw waits(record, for: "its log ends with commit \(logged)", orFrom: logged)
        }
    }

    /// Where a segment is sealed, that decides, and not the record: its owner did not get to write that again, or it is lost.
    private func goOn(_ record: JournalRecord, after pointer: LogAddress, in further: Int64) async throws -> Decision {
        let survey = LogSurvey(connection: reading, timing: timing)
        let stream = names.log(partition, segment: further)
        guard further > pointer.segment, let found = try await survey.look(at: stream, of: node)?.record,
            found.journal == record.journal, var next = found.pointer
        else {
            throw TakeoverDeclined(
                "segment \(pointer.segment) of the log of partition \(partition) is sealed, and '\(stream)', where it goes on, "
                    + "is not there, or not whole"
            )
        }
        next.epoch = pointer.epoch
        logger.notice("partition \(partition): its log goes on in segment \(further), which its record did not say")
        return try await catchUp(
            JournalRecord(journal: record.journal, pointer: next, mark: record.mark),
            next,
            try await owner.holding()
        )
    }

    /// The log is lost, or its end is: it begins again from the journal here, if that has all that was ever written down.
    private func beginAgain(
        _ record: JournalRecord,
        _ pointer: LogAddress,
        _ holding: HeldJournal?,
        since how: String
    ) async throws -> Decision {
        guard let holding else {
            guard record.mark == nil else { throw waits(record, for: "its log is lost (\(how))", orFrom: nil) }
            throw TakeoverDeclined(
                "its log is lost (\(how)), and nothing of its journal is here: start a node that has it"
            )
        }
        logger.error("the log of partition \(partition) is lost: \(how)")
        if let mark = record.mark, !mark.isReached(by: holding.standing) {
            let here = "and the journal here with commit \(holding.standing.commit)"
            throw waits(record, for: "its log is lost (\(how)), \(here)", orFrom: holding.standing.commit)
        }
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

    /// What was confirmed is not here: it waits for the journal that has it, or for someone who knows that there is none.
    private func waits(_ record: JournalRecord, for what: String, orFrom commit: CommitNumber?) -> TakeoverDeclined {
        let mark = record.mark.map { mark in
            "commit \(mark.commit) of it was confirmed" + (mark.node.isEmpty ? "" : " (node '\(mark.node)' has it)")
        }
        let found =
            commit.map {
                " If that is lost for good, say so: reprise found --partition \(partition) --from \($0); what came after "
                    + "commit \($0) is then given up"
            } ?? ""
        return TakeoverDeclined(
            "\(what), but \(mark ?? "more of it was confirmed"): start the node whose journal has that.\(found)",
            isForPeople: true
        )
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
