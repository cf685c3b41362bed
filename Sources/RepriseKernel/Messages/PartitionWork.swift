/// What the owner of a partition has done since it took the partition.
package struct PartitionWork: Equatable, Sendable {
    package var commits: Int64 = 0
    /// History records.
    package var events: Int64 = 0
    /// All commits together, from each decision to the confirmation by the disk, and by the broker if there is a log.
    package var committing: Duration = .zero
    package var longestCommit: Duration = .zero
    /// How often an instance was replayed.
    package var replays: Int64 = 0
    package var longestReplay: Duration = .zero
    package var refusals: Int64 = 0
    /// Instances that were ended because their turns ended the process too often.
    package var quarantined: Int64 = 0

    package init() {}

    /// Nil before the first.
    package var meanCommit: Duration? { commits > 0 ? committing / Int(clamping: commits) : nil }
}
