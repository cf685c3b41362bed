import RepriseKernel

/// Decides which records of a partition's log count. The same for a standby, for a new owner, and for anything that
/// checks the log: nothing else says what happened.
///
/// A record counts when it is the next commit (number and checksum of the one before) of the newest epoch that was
/// fenced before it. So what a frozen owner's connection still delivers after its successor's fence is ignored, and so
/// is a record with an epoch that no owner can have: anyone who may append to the stream can write such a record, and
/// it must neither take the log from its owner nor stop the next one.
package struct LogFold: Equatable, Sendable {
    package enum Verdict: Equatable, Sendable {
        case apply(LoggedCommit)
        case fenced(nonce: UInt64, isAccepted: Bool)
        /// It was applied before.
        case known
        /// Appended by an owner that no longer owned the partition.
        case late
        /// What is here does not continue what the log holds: it must be rebuilt from the snapshot.
        case diverged(String)
        case sealed(next: Int64)
        /// No owner can have written it.
        case stranger(String)
        /// A part of the segment's head.
        case head
    }

    package private(set) var standing: JournalPosition
    /// The epoch of the last commit; `standing` has that of the newest fence.
    private var commitEpoch: Epoch
    /// Records appended by owners that no longer owned the partition.
    package private(set) var lateRecords: Int64 = 0
    /// Records that no owner can have written.
    package private(set) var strangeRecords: Int64 = 0

    package init(_ standing: JournalPosition) {
        self.standing = standing
        commitEpoch = standing.epoch
    }

    package mutating func judge(_ record: LogRecord) -> Verdict {
        switch record {
        case .head, .snapshot, .snapshotEnd: return .head
        case .sealed(let next): return .sealed(next: next)
        case .fence(let epoch, let nonce, _):
            guard standing.precedes(epoch) else { return passOver("a fence of epoch \(epoch) after \(standing.epoch)") }
            guard epoch > standing.epoch else { return .fenced(nonce: nonce, isAccepted: false) }
            standing.epoch = epoch
            return .fenced(nonce: nonce, isAccepted: true)
        case .commit(let commit): return judge(commit)
        }
    }

    /// A record of no owner does not break any chain.
    private mutating func passOver(_ what: String) -> Verdict {
        strangeRecords += 1
        return .stranger(what)
    }

    private mutating func judge(_ commit: LoggedCommit) -> Verdict {
        let (next, mine) = (commit.standing, standing)
        guard next.isPlausible, mine.precedes(next.epoch) else {
            return passOver("commit \(next.commit) of epoch \(next.epoch) after \(mine.epoch)")
        }
        if next.commit <= mine.commit {
            // Epochs never fall from commit to commit: a later owner's commit in a place already taken here is another
            // history, after the log lost its end.
            guard next.epoch <= commitEpoch else {
                return .diverged(
                    "commit \(next.commit) has epoch \(next.epoch) in the log, but was made before that epoch here"
                )
            }
            guard next.commit == mine.commit, next.epoch == commitEpoch, next.checksum != mine.checksum else {
                return .known
            }
            return .diverged("commit \(next.commit) in the log differs from the one here")
        }
        guard next.epoch >= mine.epoch else {
            lateRecords += 1
            return .late
        }
        guard next.epoch == mine.epoch else {
            return .diverged("commit \(next.commit) has epoch \(next.epoch), and no fence made it follow \(mine.epoch)")
        }
        guard next.commit == mine.commit.next else {
            return .diverged("the log continues at commit \(next.commit), but the last one here is \(mine.commit)")
        }
        guard commit.previous == mine.checksum else {
            return .diverged("commit \(next.commit) in the log does not follow commit \(mine.commit) as it is here")
        }
        standing = next
        commitEpoch = next.epoch
        return .apply(commit)
    }
}
