package import RepriseKernel

/// The one row that says how far a partition has come. Written whole with every commit.
package struct JournalHead: Equatable, Sendable {
    /// The number of the last commit, and the chained checksum of all up to it.
    package var commit: CommitNumber = 0
    package var checksum: UInt64 = FNV1a().value
    /// Recorded time never goes back.
    package var time: Timestamp = .zero
    /// How often the partition has been taken.
    package var epoch: Epoch = 0
    package var nextKey: InstanceKey = 1
    package var nextPosition: HistoryPosition = 1
    package var nextPending: PendingNumber = 1
    package var nextOutbound: OutboundNumber = 1
    /// The last status sequence given.
    package var sequence: StatusSequenceNumber = 0
    /// Every outbound number up to this one has been confirmed or moved to the retry table.
    package var confirmedThrough: OutboundNumber = 0
    /// Ranges confirmed beyond it, ascending, as first and last number.
    package var confirmedBeyond: [ClosedRange<OutboundNumber>] = []
    /// No history row before this position has an unconfirmed message, or took the place of history that is still there.
    package var unconfirmedFrom: HistoryPosition = 1
    /// Late results that no one waited for.
    package var droppedResults: Int64 = 0

    package init() {}
}
