import RepriseEngine
import RepriseKernel
import Synchronization

/// What a node's policy is told of one partition, and what its contender remembers between attempts.
final class OwnershipAnnouncer: Sendable {
    private struct State {
        var announcement: PartitionAnnouncement
        /// Of all segments that were seen or tried: a name that misbehaved is not used again.
        var highestSegment: Int64 = 0
        /// Why the partition was not begun over a log that is there, and until when that is not looked at again.
        var refusal: (holding: HeldJournal?, why: TakeoverDeclined, until: ContinuousClock.Instant)?
        /// Nothing of a log was there when it was looked for last.
        var hasNoLog = false
    }

    /// The stream that is away, and since when. A new connection asks again.
    private let absence = Mutex<(stream: String, since: ContinuousClock.Instant)?>(nil)

    private static let refusalLasts = Duration.seconds(30)

    private let policy: any AssignmentPolicy
    private let state: Mutex<State>

    init(_ partition: PartitionNumber, policy: any AssignmentPolicy) {
        self.policy = policy
        state = Mutex(
            State(
                announcement: PartitionAnnouncement(
                    partition: partition,
                    role: .none,
                    holding: nil,
                    log: nil,
                    trouble: nil
                )
            )
        )
    }

    func note(_ change: (inout PartitionAnnouncement) -> Void) {
        let (announcement, isNew) = state.withLock { state in
            let before = state.announcement
            change(&state.announcement)
            return (state.announcement, state.announcement != before)
        }
        if isNew { policy.note(announcement) }
    }

    /// This node no longer has the partition, or not yet: it is a standby if it has something of it.
    func standBy(_ holding: HeldJournal?) {
        note {
            $0.role = holding == nil ? .none : .standby
            $0.holding = holding
            $0.log = nil
        }
    }

    /// The lock is free again: from now on, and not before, others may have it.
    func letGo() {
        note {
            if $0.role == .owner { $0.role = .standby }
            $0.log = nil
        }
    }

    func saw(segment: Int64) {
        state.withLock { $0.highestSegment = max($0.highestSegment, segment) }
    }

    /// Where the log of this node's ownership goes on.
    var log: LogAddress? { state.withLock { $0.announcement.log } }

    var highestSegment: Int64 { state.withLock { $0.highestSegment } }

    var hasNoLog: Bool { state.withLock { $0.hasNoLog } }

    func surveyed(_ found: [LogSurvey.Found]) { state.withLock { $0.hasNoLog = found.isEmpty } }

    /// What the broker is to know of this node's ownership; nil before it has begun.
    func record(of node: String) -> JournalRecord? {
        let announcement = state.withLock { $0.announcement }
        guard announcement.role == .owner, let holding = announcement.holding else { return nil }
        // Without a log the journal is all there is, and an older one may have been put back on purpose.
        guard let pointer = announcement.log else { return JournalRecord(journal: holding.journal) }
        let standing = holding.standing
        let mark = LogMark(commit: standing.commit, epoch: standing.epoch, node: node)
        return JournalRecord(journal: holding.journal, pointer: pointer, mark: mark)
    }

    /// For how long the stream has been away.
    func missed(_ stream: String) -> Duration {
        absence.withLock { absence in
            if absence?.stream != stream { absence = (stream, .now) }
            return absence.map { .now - $0.since } ?? .zero
        }
    }

    func found(_ stream: String) { absence.withLock { if $0?.stream == stream { $0 = nil } } }

    func refused(_ why: TakeoverDeclined, for holding: HeldJournal?) {
        state.withLock { $0.refusal = (holding, why, .now + Self.refusalLasts) }
    }

    func refusal(for holding: HeldJournal?) -> TakeoverDeclined? {
        state.withLock { state in
            guard let refusal = state.refusal, refusal.holding == holding, refusal.until > .now else { return nil }
            return refusal.why
        }
    }
}
