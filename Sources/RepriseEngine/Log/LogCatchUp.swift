package import RepriseKernel

/// How an owner reads all of its partition's log: under the lock it appends a fence, and reads until it sees it.
///
/// ```
///  start ─► fence(epoch) ─► read … own fence ─ counts ──────────► caughtUp; behind when the log ends before what is here
///                             ▲        └────── does not count ──► fence with a higher epoch
///                             └─────────────────────────────────────┘
/// ```
/// What is read before the fence is everything. What a former owner's connection may still deliver after it does not
/// count.
package struct LogCatchUp: Equatable, Sendable {
    package enum Verdict: Equatable, Sendable {
        case readOn
        /// The log already has an epoch this high: append a fence with this one, and read on.
        case fence(epoch: Epoch)
        /// The journal here is as far as the log, which is fenced with this epoch.
        case caughtUp(epoch: Epoch)
        /// The log ends before what had been confirmed of it: it has lost its end, unless another owner continued
        /// without it (``wentOn(without:in:)``).
        case behind(logged: CommitNumber)
        /// The log ends below the mark, although what is here is no further: it has lost its end, unless another owner
        /// continued without it.
        case short(logged: CommitNumber, epoch: Epoch)
        /// The segment is over, but nothing says where the next one begins.
        case sealed(next: Int64)
    }

    package let pointer: LogAddress
    /// Where the journal here stands; nil when there is none, or none that still counts.
    package private(set) var known: JournalPosition?
    /// How far an owner had come, as it wrote it down.
    package let mark: LogMark?

    package init(_ pointer: LogAddress, from holding: HeldJournal?, mark: LogMark? = nil) {
        self.pointer = pointer
        self.mark = mark
        known = holding?.standing
        if start == nil { known = nil }
    }

    /// The offset to read from; nil for the first record, where the snapshot lies.
    package var start: Int64? { known.flatMap { pointer.offset(after: $0.commit) } }

    package var isRebuilding: Bool { known == nil }

    /// The epoch of the first fence.
    package var epoch: Epoch { known.map(epoch(above:)) ?? 1 }

    /// What is here does not fit the log: everything is read again, from the snapshot.
    package mutating func rebuild() { known = nil }

    /// - Parameter fence: the nonce of the fence that was appended last.
    package func judge(_ position: LogPosition, fence: UInt64) -> Verdict {
        guard let counts = position.fences[fence] else {
            return position.sealed.map { .sealed(next: $0) } ?? .readOn
        }
        guard counts else { return .fence(epoch: epoch(above: position.standing)) }
        let logged = max(position.lastLogged, pointer.commit)
        if let known, logged < known.commit { return .behind(logged: logged) }
        if let mark, logged < mark.commit { return .short(logged: logged, epoch: position.standing.epoch) }
        return .caughtUp(epoch: position.standing.epoch)
    }

    /// Above the epoch of the owner that began this log, too: its fence may be among what the log has lost, and that it
    /// sent again what a broker had lost (``JournalPosition/isSeeded(_:after:)``) with it.
    private func epoch(above standing: JournalPosition) -> Epoch {
        guard let first = pointer.epoch, first > standing.epoch, standing.precedes(first) else {
            return standing.epoch(after: 1)
        }
        return first.next
    }

    /// True when another owner has continued after `standing` was made: what is here beyond the log then no longer
    /// counts.
    ///
    /// Only a commit proves it. A fence may be this node's own, from an attempt that got no further.
    package static func wentOn(without standing: JournalPosition, in records: some Sequence<LogRecord>) -> Bool {
        records.contains { record in
            guard case .commit(let commit) = record else { return false }
            return commit.standing.epoch > standing.epoch && standing.precedes(commit.standing.epoch)
        }
    }
}
