import RepriseKernel
import Synchronization

/// Counts what an owner does from the moment it takes the partition: what `reprise doctor` shows of it.
final class WorkCounter: PartitionObserver {
    private let counted = Mutex(PartitionWork())

    var work: PartitionWork { counted.withLock { $0 } }

    func committed(_ commit: ObservedCommit) {
        counted.withLock { work in
            work.commits += 1
            work.events += Int64(commit.events)
            work.committing += commit.took
            work.longestCommit = max(work.longestCommit, commit.took)
        }
    }

    func replayed(events: Int, took: Duration) {
        counted.withLock { work in
            work.replays += 1
            work.longestReplay = max(work.longestReplay, took)
        }
    }

    func refused(_ code: Rejection.Code) { counted.withLock { $0.refusals += 1 } }

    func quarantined(_ instance: InstanceID) { counted.withLock { $0.quarantined += 1 } }
}
