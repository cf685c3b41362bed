import Foundation
import RepriseEngine
import RepriseKernel
import Synchronization

/// A partition's owner whose journal is a list of words, kept in a log as the real one is: folded by the same law.
final class LoggingOwner: PartitionOwner {
    fileprivate struct Journal {
        var id: JournalID
        var words: [String] = []
        var standing = JournalPosition(commit: 0, checksum: 0, epoch: 0)
    }

    fileprivate enum Reading {
        case none
        case snapshot(LogHead?)
        case commits(LogFold, LogPosition)
    }

    fileprivate struct State {
        var journal: Journal?
        var reading = Reading.none
        var readings: [Bool] = []
        var ownership: Ownership?
        var pointer: LogAddress?
        var epoch: Epoch = 0
        var taken: ContinuousClock.Instant?
        var losses: [String] = []
    }

    private let hub: HubName
    private let state: Mutex<State>

    init(_ hub: HubName, journal: JournalID? = nil) {
        self.hub = hub
        state = Mutex(State(journal: journal.map { Journal(id: $0) }))
    }

    var words: [String] { state.withLock { $0.journal?.words ?? [] } }
    var standing: JournalPosition? { state.withLock { $0.journal?.standing } }
    var isTaken: Bool { state.withLock { $0.ownership != nil } }
    var takenAt: ContinuousClock.Instant? { state.withLock { $0.taken } }
    var epoch: Epoch { state.withLock { $0.epoch } }
    var pointer: LogAddress? { state.withLock { $0.pointer } }
    var link: (any PartitionLink)? { state.withLock { $0.ownership?.link } }
    var log: (any PartitionLog)? { state.withLock { $0.ownership?.log } }
    var beginning: Ownership.Beginning? { state.withLock { $0.ownership?.beginning } }
    /// Of each reading that began: whether it rebuilt.
    var readings: [Bool] { state.withLock { $0.readings } }
    var losses: [String] { state.withLock { $0.losses } }

    /// Forgets all, as a disk that is gone.
    func loseDisk() { state.withLock { $0.journal = nil } }

    /// What a log that loses its end leaves behind: a journal that is ahead.
    func addUnlogged(_ word: String) {
        state.withLock { state in
            guard var journal = state.journal else { return }
            journal.add(word, epoch: journal.standing.epoch)
            state.journal = journal
        }
    }

    // MARK: Committing

    /// Appends a word and, once it is confirmed, keeps it. On a thread of its own, since a log blocks.
    func commit(_ word: String) async throws {
        try await onThread { [self] in try commitNow(word) }
    }

    func commitNow(_ word: String) throws {
        let (ownership, journal, pointer, epoch) = state.withLock { ($0.ownership, $0.journal, $0.pointer, $0.epoch) }
        guard let log = ownership?.log, var journal, let pointer else { throw NotOwned() }
        let logged = journal.add(word, epoch: epoch)
        try log.append(LogRecordCodec.encode(.commit(logged)), to: pointer.segment)
        state.withLock { $0.journal = journal }
    }

    /// Moves on to the next segment.
    func roll() async throws {
        try await onThread { [self] in
            let (ownership, pointer) = state.withLock { ($0.ownership, $0.pointer) }
            guard let log = ownership?.log, let pointer else { throw NotOwned() }
            let next = try seed(log, pointer.segment + 1)
            try log.point(to: next)
            try log.append(LogRecordCodec.encode(.sealed(next: next.segment)), to: pointer.segment)
            log.delete(segment: pointer.segment)
            state.withLock { $0.pointer = next }
        }
    }

    private func seed(_ log: any PartitionLog, _ segment: Int64) throws -> LogAddress {
        guard let journal = state.withLock({ $0.journal }) else { throw NotOwned() }
        try log.open(segment: segment)
        let identity = JournalIdentity(id: journal.id, hub: hub, partition: PartitionNumber(0), partitionCount: 1)
        let head = LogHead(identity: identity, segment: segment, format: 1, standing: journal.standing)
        let image = Array(journal.words.joined(separator: " ").utf8)
        try log.append(
            [
                LogRecordCodec.encode(.head(head)),
                LogRecordCodec.encode(.snapshot(index: 0, bytes: image)),
                LogRecordCodec.encode(.snapshotEnd(size: Int64(image.count), digest: SHA256Digest.of(image))),
            ],
            to: segment
        )
        return LogAddress(segment: segment, commit: journal.standing.commit, records: 3)
    }

    // MARK: PartitionOwner

    func holding() async throws -> HeldJournal? {
        state.withLock { $0.journal.map { HeldJournal(journal: $0.id, standing: $0.standing) } }
    }

    func read(_ pointer: LogAddress, rebuilding: Bool) async throws {
        state.withLock { state in
            state.readings.append(rebuilding)
            guard !rebuilding, let journal = state.journal else {
                state.reading = .snapshot(nil)
                return
            }
            state.reading = .commits(LogFold(journal.standing), LogPosition(standing: journal.standing))
        }
    }

    func follow(_ entries: [LogEntry]) async throws -> LogPosition? {
        try state.withLock { state in
            for entry in entries {
                // What is no record is passed over, as it is by the real one.
                if let record = try LogRecordCodec.decodeIfSealed(entry.bytes) { try state.take(record) }
            }
            if case .commits(_, let progress) = state.reading { return progress }
            return nil
        }
    }

    func take(_ ownership: Ownership) async throws -> (epoch: Epoch, pointer: LogAddress?) {
        try await onThread { [self] in
            switch ownership.beginning {
            case .goOn(let epoch, let pointer): begin(ownership, pointer, epoch ?? 1)
            case .found: begin(ownership, nil, 1)
            case .seed(let segment, _):
                guard let log = ownership.log else { throw NotOwned() }
                let epoch = state.withLock { state in
                    if state.journal == nil { state.journal = Journal(id: "made-\(UUID().uuidString)") }
                    return (state.journal?.standing.epoch ?? 0).next
                }
                let pointer = try seed(log, segment)
                try log.append(LogRecordCodec.encode(.fence(epoch: epoch, nonce: 1, node: "seed")), to: segment)
                try log.point(to: pointer)
                begin(ownership, pointer, epoch)
            }
            return state.withLock { ($0.epoch, $0.pointer) }
        }
    }

    private func begin(_ ownership: Ownership, _ pointer: LogAddress?, _ epoch: Epoch) {
        state.withLock { state in
            state.ownership = ownership
            state.pointer = pointer
            state.epoch = epoch
            state.taken = .now
            state.reading = .none
        }
    }

    func deliver(_ deliveries: [InboundDelivery]) {}
    func settle(_ settlements: [OutboundSettlement]) {}

    func lose(_ reason: String) async {
        state.withLock { state in
            state.ownership = nil
            state.losses.append(reason)
        }
    }

    struct NotOwned: Error {}
}

extension LoggingOwner.Journal {
    /// The commit that the word is.
    @discardableResult
    fileprivate mutating func add(_ word: String, epoch: Epoch) -> LoggedCommit {
        let previous = standing.checksum
        let bytes = Array(word.utf8)
        let checksum = bytes.reduce(previous &+ 1) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        standing = JournalPosition(commit: standing.commit.next, checksum: checksum, epoch: epoch)
        words.append(word)
        return LoggedCommit(
            standing: standing,
            previous: previous,
            format: 1,
            changes: JournalChanges(rows: 1, bytes: bytes)
        )
    }
}

extension LoggingOwner.State {
    fileprivate mutating func take(_ record: LogRecord) throws {
        switch (reading, record) {
        case (.none, _): throw JournalError(.diverged, "nobody reads")
        case (.snapshot, .head(let head)): reading = .snapshot(head)
        case (.snapshot(let head?), .snapshot(_, let bytes)):
            journal = LoggingOwner.Journal(
                id: head.identity.id,
                words: String(decoding: bytes, as: UTF8.self).split(separator: " ").map(String.init),
                standing: head.standing
            )
        case (.snapshot(let head?), .snapshotEnd):
            reading = .commits(
                LogFold(head.standing),
                LogPosition(standing: head.standing, lastLogged: head.standing.commit)
            )
        case (.snapshot, _): throw JournalError(.damaged, "does not begin with a snapshot")
        case (.commits(var fold, var progress), _):
            switch fold.judge(record) {
            case .apply(let commit):
                journal?.words.append(String(decoding: commit.changes.bytes, as: UTF8.self))
                journal?.standing = commit.standing
                progress.lastLogged = commit.standing.commit
            case .fenced(let nonce, let isAccepted): progress.fences[nonce] = isAccepted
            case .known:
                if case .commit(let commit) = record {
                    progress.lastLogged = max(progress.lastLogged, commit.standing.commit)
                }
            case .sealed(let next): progress.sealed = next
            case .late, .stranger, .head: break
            case .diverged(let reason):
                reading = .none
                throw JournalError(.diverged, reason)
            }
            progress.standing = fold.standing
            progress.lateRecords = fold.lateRecords
            reading = .commits(fold, progress)
        }
    }
}

/// Does what blocks where it may.
func onThread<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Swift.Result { try work() }) }
    }
}
