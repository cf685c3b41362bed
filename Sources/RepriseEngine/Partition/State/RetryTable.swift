import RepriseKernel

/// Messages that the broker returned or refused, by number and by the time of their next try; and the changes of the
/// current batch.
struct RetryTable {
    private struct Entry {
        var row: RetryRow
        /// Whether the message on its way asks again; nil when none is. Until that has an outcome the link accepts no
        /// second one.
        var underWay: Bool?
        /// How often it was refused, or not confirmed; attempts that did not get that far do not count.
        var refusals = 0
    }

    private var entries: [OutboundNumber: Entry] = [:]
    private var due = DueQueue<OutboundNumber>()
    /// The reason of the last message added.
    private var lastReason: String?
    private var changes = RowChanges<RetryRow>()
    /// The owners of the history at a position, for messages that were looked up.
    private(set) var knownOwners: [HistoryPosition: InstanceKey] = [:]

    init(_ rows: [RetryRow]) {
        for row in rows { set(row) }
    }

    var count: Int { entries.count }
    /// Those that are sent again and were not refused: their outcome is to come.
    private(set) var untried = 0
    var isEmpty: Bool { entries.isEmpty }
    var all: some Collection<RetryRow> { entries.values.lazy.map(\.row) }

    /// Why messages are here, for people; nil when none is.
    var reason: String? { entries.isEmpty ? nil : lastReason }

    subscript(number: OutboundNumber) -> RetryRow? { entries[number]?.row }

    /// Decides a next try.
    mutating func add(_ row: RetryRow) {
        set(row)
        changes.removed.removeAll { $0 == row.number }
        changes.write(row)
    }

    /// Its next attempt is due now. A later process finds the time that was decided before.
    mutating func hasten(_ number: OutboundNumber, at now: Timestamp) {
        guard var row = entries[number]?.row else { return }
        row.due = now
        set(row)
    }

    private mutating func set(_ row: RetryRow) {
        if entries[row.number]?.row.isUntried == true { untried -= 1 }
        entries[row.number, default: Entry(row: row)].row = row
        if row.isUntried { untried += 1 }
        lastReason = row.reason
        due.arm(row.number, due: row.due)
    }

    mutating func remove(_ number: OutboundNumber) {
        due.disarm(number)
        guard let row = entries.removeValue(forKey: number)?.row else { return }
        if row.isUntried { untried -= 1 }
        changes.remove(number)
    }

    /// An attempt is sent.
    mutating func sent(_ row: RetryRow) {
        if entries[row.number]?.underWay == nil { entries[row.number]?.underWay = row.isSentAgain }
    }

    /// An attempt has its outcome. True when it asked for an answer, as the row now says it should.
    mutating func hasAsked(_ number: OutboundNumber) -> Bool {
        defer { entries[number]?.underWay = nil }
        guard let entry = entries[number], entry.row.isSentAgain else { return true }
        return entry.underWay == true
    }

    /// Counts a refusal of a message in the table, and returns how many there were in this process.
    mutating func countRefusal(of number: OutboundNumber) -> Int {
        entries[number]?.refusals += 1
        return entries[number]?.refusals ?? 0
    }

    mutating func nextDue() -> Timestamp? { due.nextDue() }

    /// The first that are due, by number. Each is due again after `pause`, unless its outcome comes first.
    mutating func takeDue(at now: Timestamp, pause: Duration, atMost limit: Int) -> [RetryRow] {
        var taken: [RetryRow] = []
        while taken.count < limit, let number = due.takeDue(at: now)?.key {
            if let row = entries[number]?.row { taken.append(row) }
        }
        for row in taken {
            var row = row
            row.due = now + pause
            set(row)
        }
        return taken.sorted { $0.number < $1.number }
    }

    /// The instances whose history contains a message to be retried.
    mutating func owners(in journal: any PartitionJournal) throws(JournalError) -> Set<InstanceKey> {
        var found: [HistoryPosition: InstanceKey] = [:]
        for row in all where row.position != 0 {
            do {
                var owner = knownOwners[row.position]
                if owner == nil { owner = try journal.historyRow(at: row.position)?.instance }
                found[row.position] = owner
            } catch {
                // No longer readable: such a message cannot be sent.
                guard error.code == .damaged else { throw error }
            }
        }
        // Only of current messages: others come and go for as long as the process lives.
        knownOwners = found
        return Set(found.values)
    }

    mutating func takeChanges(into commit: inout JournalCommit) { swap(&commit.retries, &changes) }
}

extension RetryRow {
    fileprivate var isUntried: Bool { isSentAgain && attempts == 0 }
}
