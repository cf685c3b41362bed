import RepriseKernel

/// Messages that the broker returned or refused, by number and by the time of their next try.
struct RetryTable {
    private var rows: [Int64: RetryRow] = [:]
    private var due = DueQueue<Int64>()
    /// Why the last that came here did.
    private var lastReason: String?

    init(_ rows: [RetryRow]) {
        for row in rows { set(row) }
    }

    var count: Int { rows.count }
    /// Those that are sent again and were not refused: their outcome is to come.
    private(set) var untried = 0
    var isEmpty: Bool { rows.isEmpty }
    var all: some Collection<RetryRow> { rows.values }

    /// Why messages are here, for people; nil when none is.
    var reason: String? { rows.isEmpty ? nil : lastReason }

    subscript(number: Int64) -> RetryRow? { rows[number] }

    mutating func set(_ row: RetryRow) {
        if let former = rows.updateValue(row, forKey: row.number), former.isUntried { untried -= 1 }
        if row.isUntried { untried += 1 }
        lastReason = row.reason
        due.arm(row.number, due: row.due)
    }

    @discardableResult
    mutating func remove(_ number: Int64) -> RetryRow? {
        due.disarm(number)
        guard let row = rows.removeValue(forKey: number) else { return nil }
        if row.isUntried { untried -= 1 }
        return row
    }

    mutating func nextDue() -> Timestamp? { due.nextDue() }

    /// The first that are due, by number. Each is due again after `pause`, unless its outcome moves it on before.
    mutating func takeDue(at now: Timestamp, pause: Duration, atMost limit: Int) -> [RetryRow] {
        var taken: [RetryRow] = []
        while taken.count < limit, let number = due.takeDue(at: now)?.key {
            if let row = rows[number] { taken.append(row) }
        }
        for row in taken {
            var row = row
            row.due = now + pause
            set(row)
        }
        return taken.sorted { $0.number < $1.number }
    }
}

extension RetryRow {
    fileprivate var isUntried: Bool { isSentAgain && attempts == 0 }
}
