import RepriseKernel

/// The keys of commands that were accepted, in the journal: a repeat gets the same answer. Here are the additions of
/// the current batch, and how far expiry has got.
struct AcceptedCommands {
    private var changes = RowChanges<SeenRow>()
    private var forgottenAt = Timestamp.zero
    /// More keys have expired than the last commit took.
    private(set) var isForgetting = false

    /// More than a batch accepts, so that they never accumulate.
    private static let forgottenAtOnce = 512

    func row(_ key: [UInt8], _ journal: any PartitionJournal) throws(JournalError) -> SeenRow? {
        if let row = changes.written.first(where: { $0.key == key }) { return row }
        return try journal.seen(key)
    }

    mutating func remember(_ row: SeenRow) { changes.write(row) }

    mutating func takeChanges(into commit: inout JournalCommit) { swap(&commit.seen, &changes) }

    /// Starts once an hour of recorded time, and later commits continue it: an hour's worth at once would make a
    /// commit, and a log record, of unlimited size.
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
        // A key accepted again in this very batch is new.
        let accepted = Set(commit.seen.written.map(\.key))
        commit.seen.removed = keys.filter { !accepted.contains($0) }
    }
}
