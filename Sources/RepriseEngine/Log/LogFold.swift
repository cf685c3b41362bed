import RepriseKernel

/// Decides which records of a partition's log count. The same for a standby, for an owner that begins, and for whoever
/// checks the log: nothing else says what happened.
///
/// A record counts when it is the next commit (number and checksum of the one before) of the newest epoch that was
/// fenced before it. So what a frozen owner's connection still delivers after its successor's fence is passed over, and so
/// is what has an epoch that no owner can have: whoever may append to the stream can write such a record, and it must
/// neither take the log from its owner nor stop the next one.
package struct LogFold: Equatable, Sendable {
    package enum Verdict: Equatable, Sendable {
        case apply(LoggedCommit)
        case fenced(nonce: UInt64, isAccepted: Bool)
        /// It was applied before.
        case known
        /// An owner appended it that was no longer one.
        case late
        /// What is here does not continue what the log holds: it must be rebuilt from the snapshot.
        case diverged(String)
        case sealed(next: Int64)
        /// No owner can have made it.
        case stranger(String)
        /// A part of the segment's head.
        case head
    }

    package private(set) var standing: JournalPosition
    /// The epoch of the last commit; `standing` has that of the newest fence.
    private var commitEpoch: Epoch
    /// Records of owners that were none any more.
    package private(set) var lateRecords: Int64 = 0
    /// Records that no owner can have made.
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

    /// What is nobody's makes no hole in anybody's chain.
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
            // From commit to commit epochs never fall: a later owner's commit in a place that is taken here is another history,
            // after a log that had lost its end.
            guard next.epoch <= commitEpoch else {
                return .diverged(
                    "commit \(next.commit) has epoch \(next.epoch) in the log, and was made before it here"
                )
            }
            guard next.commit == mine.commit, next.epoch == commitEpoch, next.checksum != mine.checksum else {
                return .known
            }
            return .diverged("commit \(next.commit) is another one in the log than here")
        }
        guard next.epoch >= mine.epoch else {
            lateRecords += 1
            return .late
        }
        guard next.epoch == mine.epoch else {
            return .diverged("commit \(next.commit) has epoch \(next.epoch), and no fence made it follow \(mine.epoch)")
        }
        guard next.commit == mine.commit.next else {
            return .diverged("the log goes on at commit \(next.commit), and the last one here is \(mine.commit)")
        }
        guard commit.previous == mine.checksum else {
            return .diverged("commit \(next.commit) in the log does not follow commit \(mine.commit) as it is here")
        }
        standing = next
        commitEpoch = next.epoch
        return .apply(commit)
    }
}
