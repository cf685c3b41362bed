import RepriseKernel

/// The keys of commands that were accepted, in the journal: a repeat gets the same answer. What is here is what the batch
/// under way adds to them, and how far the forgetting has come.
struct AcceptedCommands {
    private var changes = RowChanges<SeenRow>()
    private var forgottenAt = Timestamp.zero
    /// More are to be forgotten than the last commit took.
    private(set) var isForgetting = false

    /// More than a batch accepts, so that they never gather.
    private static let forgottenAtOnce = 512

    func row(_ key: [UInt8], _ journal: any PartitionJournal) throws(JournalError) -> SeenRow? {
        if let row = changes.written.first(where: { $0.key == key }) { return row }
        return try journal.seen(key)
    }

    mutating func remember(_ row: SeenRow) { changes.write(row) }

    mutating func takeChanges(into commit: inout JournalCommit) { swap(&commit.seen, &changes) }

    /// Once an hour of recorded time begins what the commits after it go on with: an hour's worth in one would be a commit,
    /// and a record of the log, of any size.
    mutating func forget(
        at now: Timestamp,
        after memory: Duration,
        _ journal: any PartitionJournal,
        in commit: inout JournalCommit
    ) throws(JournalError) {
        if !isForgetting {
            guard now > forgottenAt + .seconds(3600) else { return }
            forgottenAt = now
        }
        let keys = try journal.seen(before: forgottenAt + (.zero - memory), limit: Self.forgottenAtOnce)
        isForgetting = keys.count == Self.forgottenAtOnce
        // One that this very batch has accepted again is as new as that.
        let accepted = Set(commit.seen.written.map(\.key))
        commit.seen.removed = keys.filter { !accepted.contains($0) }
    }
}
