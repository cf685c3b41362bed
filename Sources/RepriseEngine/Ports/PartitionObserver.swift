package import RepriseKernel

/// Observes what a partition does, for figures and metrics. Called on the partition's thread, which waits meanwhile, so
/// it must return quickly.
package protocol PartitionObserver: Sendable {
    /// A commit is durable: on the disk, and in the log if there is one.
    func committed(_ commit: ObservedCommit)
    /// An instance that was not in memory was replayed.
    func replayed(events: Int, took: Duration)
    /// A delivery was refused.
    func refused(_ code: Rejection.Code)
    /// An instance was ended because its turns ended the process too often.
    func quarantined(_ instance: InstanceID)
}

package struct ObservedCommit: Equatable, Sendable {
    /// History records that it added.
    package var events: Int
    /// Messages that may leave now.
    package var messages: Int64
    /// From the decision to the confirmation by the disk, and by the broker if there is a log.
    package var took: Duration
}
