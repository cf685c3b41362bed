package import RepriseKernel

/// How far a partition's log has come, as its owner wrote it down: a log that ends below that has lost its end, and so has
/// a journal.
package struct LogMark: Equatable, Sendable {
    package var commit: CommitNumber
    /// The epoch in which that commit was made.
    package var epoch: Epoch
    /// Whose journal has it, for people; empty when nobody said.
    package var node: String

    package init(commit: CommitNumber, epoch: Epoch, node: String) {
        self.commit = commit
        self.epoch = epoch
        self.node = node
    }

    /// Whether a journal at this position has what the mark is about, or went on without it under a later owner.
    package func isReached(by standing: JournalPosition) -> Bool {
        standing.commit >= commit || standing.epoch > epoch
    }
}
