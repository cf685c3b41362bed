package import RepriseKernel

/// Hears what a partition does, for figures and metrics. Called on the partition's thread, which waits meanwhile: it
/// notes what it hears, and returns.
package protocol PartitionObserver: Sendable {
    /// A commit is durable: on the disk, and in the log where there is one.
    func committed(_ commit: ObservedCommit)
    /// The code of an instance that was not in memory was taken through its history.
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
    /// From the decision to the word of the disk, and of the broker where there is a log.
    package var took: Duration
}
