import GRDB
import RepriseEngine
import RepriseKernel

/// The tables whose rows come and go one by one: written as a commit says, read when the partition is taken up.
struct RowTables {
    private let timers: RowTable<TimerRow>
    private let pending: RowTable<PendingRow>
    private let held: RowTable<HeldRow>
    private let seen: RowTable<SeenRow>
    private let inline: RowTable<InlineRow>
    private let retries: RowTable<RetryRow>
    private let crashes: RowTable<CrashRow>

    init(_ database: Database) throws {
        timers = try RowTable(database)
        pending = try RowTable(database)
        held = try RowTable(database)
        seen = try RowTable(database)
        inline = try RowTable(database)
        retries = try RowTable(database)
        crashes = try RowTable(database)
    }

    func write(_ commit: JournalCommit) throws {
        try timers.write(commit.timers)
        try pending.write(commit.pending)
        try held.write(commit.held)
        try seen.write(commit.seen)
        try inline.write(commit.inline)
        try retries.write(commit.retries)
        try crashes.write(commit.crashes)
    }

    func read(into recovered: inout RecoveredPartition) throws {
        recovered.timers = try timers.all()
        recovered.held = try held.all()
        recovered.inline = try inline.all()
        recovered.retries = try retries.all()
        recovered.crashes = try crashes.all()
    }
}

extension TimerRow: StoredTableRow {
    static let table = "timers"
    static let columns = ["instance", "task", "due"]
    static let keyColumns = ["instance", "task"]
    static let removalColumns = columns
    static let isReplaced = true

    func write(to row: inout RowWriter) {
        let columns = TimerColumns(subject)
        row.integer(columns.instance)
        row.integer(columns.task)
        row.integer(due.milliseconds)
    }

    init(from row: inout RowReader) {
        let columns = TimerColumns(instance: row.integer(), task: row.integer())
        self.init(columns.subject, due: Timestamp(milliseconds: row.integer()))
    }

    static func write(_ removal: TimerRow, to row: inout RowWriter) { removal.write(to: &row) }
}

extension PendingRow: StoredTableRow {
    static let table = "pending"
    static let columns = ["position", "instance", "record"]
    static let keyColumns = ["position"]

    func write(to row: inout RowWriter) {
        row.integer(position)
        row.integer(instance)
        row.blob(record)
    }

    init(from row: inout RowReader) {
        self.init(position: row.number(), instance: row.number(), record: row.blob())
    }
}

extension HeldRow: StoredTableRow {
    static let table = "held"
    static let columns = ["position", "instance", "name", "payload", "messageID", "until", "original"]
    static let keyColumns = ["position"]

    func write(to row: inout RowWriter) {
        row.integer(position)
        row.text(instance.value)
        row.text(name)
        row.blob(payload.bytes)
        row.text(messageID)
        row.integer(until.milliseconds)
        row.blob(original)
    }

    init(from row: inout RowReader) {
        self.init(
            position: row.number(),
            instance: InstanceID(trusted: row.text()),
            name: row.text(),
            payload: Payload(trusted: row.blob()),
            messageID: row.optionalText(),
            until: Timestamp(milliseconds: row.integer()),
            original: row.blob()
        )
    }
}

extension SeenRow: StoredTableRow {
    static let table = "seen"
    static let columns = ["key", "fingerprint", "time"]
    static let keyColumns = ["key"]
    static let isReplaced = true

    func write(to row: inout RowWriter) {
        row.blob(key)
        row.integer(Int64(bitPattern: fingerprint))
        row.integer(time.milliseconds)
    }

    init(from row: inout RowReader) {
        self.init(
            key: row.blob(),
            fingerprint: UInt64(bitPattern: row.integer()),
            time: Timestamp(milliseconds: row.integer())
        )
    }

    static func write(_ removal: [UInt8], to row: inout RowWriter) { row.blob(removal) }
}

extension InlineRow: StoredTableRow {
    static let table = "inline"
    static let columns = ["number", "message"]
    static let keyColumns = ["number"]

    func write(to row: inout RowWriter) {
        row.integer(number)
        row.blob(message)
    }

    init(from row: inout RowReader) {
        self.init(number: row.number(), message: row.blob())
    }
}

extension RetryRow: StoredTableRow {
    static let table = "retries"
    static let columns = ["number", "position", "attempts", "due", "reason"]
    static let keyColumns = ["number"]
    static let isReplaced = true

    func write(to row: inout RowWriter) {
        row.integer(number)
        row.integer(position)
        row.integer(isSentAgain ? -Int64(attempts) : Int64(attempts))
        row.integer(due.milliseconds)
        row.text(reason)
    }

    init(from row: inout RowReader) {
        let (number, position): (OutboundNumber, HistoryPosition) = (row.number(), row.number())
        let attempts = row.integer()
        self.init(
            number: number,
            position: position,
            attempts: Int(attempts.magnitude),
            // What was refused has one attempt at least.
            isSentAgain: attempts <= 0,
            due: Timestamp(milliseconds: row.integer()),
            reason: row.text()
        )
    }
}

extension CrashRow: StoredTableRow {
    static let table = "crashes"
    static let columns = ["instance", "count"]
    static let keyColumns = ["instance"]
    static let isReplaced = true

    /// Four counts in one column: traps in the lowest 16 bits, where the first release had its only count.
    func write(to row: inout RowWriter) {
        row.text(instance.value)
        row.integer(Int64(traps) | Int64(timeouts) << 16 | Int64(kills) << 32 | Int64(trials) << 48)
    }

    init(from row: inout RowReader) {
        let instance = InstanceID(trusted: row.text())
        let counts = row.integer()
        self.init(
            instance: instance,
            traps: Int(counts & 0xFFFF),
            timeouts: Int(counts >> 16 & 0xFFFF),
            kills: Int(counts >> 32 & 0xFFFF),
            trials: Int(counts >> 48 & 0x7FFF)
        )
    }

    static func write(_ removal: InstanceID, to row: inout RowWriter) { row.text(removal.value) }
}
