import RepriseKernel

/// One reader's way through a segment of the log, into a journal.
///
/// Either after what the journal holds, or from the segment's first record: then the snapshot comes first, and the
/// journal made from it replaces what was there.
final class LogReading {
    private enum Stage {
        case snapshot(Rebuilding?)
        case commits(any PartitionJournal, LogFold)
    }

    private struct Rebuilding {
        var head: LogHead
        var receiver: any SnapshotReceiver
        var digest = SHA256Digest()
        var pieces = 0
    }

    private let store: any JournalStore
    private let pointer: LogAddress
    /// Closes the journal that is about to be replaced.
    private let makeRoom: () -> Void
    private var stage: Stage
    private var position: LogPosition?
    /// Bytes that are not a record.
    private var junk: Int64 = 0
    /// A description of the last ignored record, for people.
    private(set) var lastStranger: String?

    init(after journal: any PartitionJournal, _ store: any JournalStore, _ pointer: LogAddress) throws(JournalError) {
        self.store = store
        self.pointer = pointer
        makeRoom = {}
        let standing = try journal.standing()
        guard standing.isPlausible else {
            throw JournalError(
                .diverged,
                "the journal of partition \(store.partition) stands at commit \(standing.commit) of epoch "
                    + "\(standing.epoch), which no owner reaches"
            )
        }
        stage = .commits(journal, LogFold(standing))
        position = LogPosition(standing: standing)
    }

    init(rebuilding store: any JournalStore, _ pointer: LogAddress, makeRoom: @escaping () -> Void) {
        self.store = store
        self.pointer = pointer
        self.makeRoom = makeRoom
        stage = .snapshot(nil)
    }

    deinit {
        if case .snapshot(let rebuilding?) = stage { rebuilding.receiver.discard() }
    }

    /// The journal, once there is one.
    var journal: (any PartitionJournal)? {
        if case .commits(let journal, _) = stage { journal } else { nil }
    }

    /// Takes entries in the order of the log. After an error the reading is over, and another must begin.
    func take(_ entries: [LogEntry]) throws(JournalError) -> LogPosition? {
        var commits: [LoggedCommit] = []
        for entry in entries {
            // Not an owner's, or damaged: in the latter case its owner's next record does not follow what is here, and
            // that is an error.
            guard let record = try decode(entry) else {
                junk += 1
                lastStranger = "the \(entry.bytes.count) bytes at offset \(entry.offset), which match no digest"
                continue
            }
            switch stage {
            case .snapshot(let rebuilding): try receive(record, rebuilding)
            case .commits(let journal, var fold):
                let verdict = fold.judge(record)
                stage = .commits(journal, fold)
                if let commit = try note(verdict, fold, record) { commits.append(commit) }
            }
        }
        if let journal, !commits.isEmpty { try journal.apply(commits) }
        position?.strangeRecords = strangeRecords
        return position
    }

    /// Records that no owner can have made.
    var strangeRecords: Int64 {
        if case .commits(_, let fold) = stage { junk + fold.strangeRecords } else { junk }
    }

    /// - Returns: nil for what is not a record.
    private func decode(_ entry: LogEntry) throws(JournalError) -> LogRecord? {
        do {
            return try LogRecordCodec.decodeIfSealed(entry.bytes)
        } catch {
            throw JournalError(
                .damaged,
                "the log of partition \(store.partition), segment \(pointer.segment), cannot be read at offset "
                    + "\(entry.offset): \(error)"
            )
        }
    }

    private func note(
        _ verdict: LogFold.Verdict,
        _ fold: LogFold,
        _ record: LogRecord
    ) throws(JournalError) -> LoggedCommit? {
        position?.standing = fold.standing
        position?.lateRecords = fold.lateRecords
        switch verdict {
        case .apply(let commit):
            position?.lastLogged = commit.standing.commit
            return commit
        case .fenced(let nonce, let isAccepted): position?.fences[nonce] = isAccepted
        case .known:
            if case .commit(let commit) = record, commit.standing.commit > position?.lastLogged ?? 0 {
                position?.lastLogged = commit.standing.commit
            }
        case .sealed(let next): position?.sealed = next
        case .stranger(let what): lastStranger = what
        case .late, .head: break
        case .diverged(let reason): throw JournalError(.diverged, "partition \(store.partition): \(reason)")
        }
        return nil
    }

    private func receive(_ record: LogRecord, _ rebuilding: Rebuilding?) throws(JournalError) {
        switch (record, rebuilding) {
        case (.head(let head), nil):
            guard head.identity.hub == store.hub, head.identity.partition == store.partition,
                head.identity.partitionCount == store.partitionCount, head.segment == pointer.segment,
                head.standing.isPlausible
            else { throw broken("begins with the head of another log") }
            guard head.standing.commit == pointer.commit else {
                throw broken(
                    "begins after commit \(head.standing.commit), but the record of the journal says \(pointer.commit)"
                )
            }
            stage = .snapshot(Rebuilding(head: head, receiver: try store.receive()))
        case (.snapshot(let index, let bytes), var rebuilding?):
            guard index == rebuilding.pieces else {
                throw broken("has piece \(index) of its snapshot where piece \(rebuilding.pieces) belongs")
            }
            try rebuilding.receiver.write(bytes)
            rebuilding.digest.combine(bytes)
            rebuilding.pieces += 1
            stage = .snapshot(rebuilding)
        case (.snapshotEnd(let size, let digest), let rebuilding?):
            guard digest == rebuilding.digest.bytes() else {
                throw broken("holds a snapshot that does not match its digest")
            }
            makeRoom()
            let journal = try rebuilding.receiver.finish(size: size, digest: digest, head: rebuilding.head)
            stage = .commits(journal, LogFold(rebuilding.head.standing))
            position = LogPosition(
                standing: rebuilding.head.standing,
                lastLogged: rebuilding.head.standing.commit
            )
        case (.head, .some), (.snapshot, nil), (.snapshotEnd, nil), (.fence, _), (.commit, _), (.sealed, _):
            throw broken("does not begin with a snapshot")
        }
    }

    private func broken(_ what: String) -> JournalError {
        JournalError(.damaged, "the log of partition \(store.partition), segment \(pointer.segment), \(what)")
    }
}
