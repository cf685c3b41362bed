import RepriseKernel

/// Messages that the broker returned or refused, by number and by the time of their next try; and what the batch under way
/// changes of them.
struct RetryTable {
    private struct Entry {
        var row: RetryRow
        /// Whether what is on its way asks again; nil when nothing is. Until that has an outcome the link takes no second one.
        var underWay: Bool?
        /// How often it was refused, or not confirmed: of tries that did not get so far, nobody is to blame.
        var refusals = 0
    }

    private var entries: [OutboundNumber: Entry] = [:]
    private var due = DueQueue<OutboundNumber>()
    /// Why the last that came here did.
    private var lastReason: String?
    private var changes = RowChanges<RetryRow>()
    /// Whose history holds the message at a position, of those that were looked for.
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

    /// Its next try is due now. A process after this one finds the time that was decided before.
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

    /// A try of it goes out.
    mutating func sent(_ row: RetryRow) {
        if entries[row.number]?.underWay == nil { entries[row.number]?.underWay = row.isSentAgain }
    }

    /// A try of it has its outcome. True when it asked for an answer, as the row says now that it should.
    mutating func hasAsked(_ number: OutboundNumber) -> Bool {
        defer { entries[number]?.underWay = nil }
        guard let entry = entries[number], entry.row.isSentAgain else { return true }
        return entry.underWay == true
    }

    /// Counts a refusal of one that is here, and says how many there were in this process.
    mutating func countRefusal(of number: OutboundNumber) -> Int {
        entries[number]?.refusals += 1
        return entries[number]?.refusals ?? 0
    }

    mutating func nextDue() -> Timestamp? { due.nextDue() }

    /// The first that are due, by number. Each is due again after `pause`, unless its outcome moves it on before.
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

    /// The instances whose history holds a message that is to be tried again.
    mutating func owners(in journal: any PartitionJournal) throws(JournalError) -> Set<InstanceKey> {
        var found: [HistoryPosition: InstanceKey] = [:]
        for row in all where row.position != 0 {
            do {
                var owner = knownOwners[row.position]
                if owner == nil { owner = try journal.historyRow(at: row.position)?.instance }
                found[row.position] = owner
            } catch {
                // Nobody's any more: such a message cannot be sent.
                guard error.code == .damaged else { throw error }
            }
        }
        // Only of those that are there now: others come and go for as long as the process lives.
        knownOwners = found
        return Set(found.values)
    }

    mutating func takeChanges(into commit: inout JournalCommit) { swap(&commit.retries, &changes) }
}

extension RetryRow {
    fileprivate var isUntried: Bool { isSentAgain && attempts == 0 }
}
