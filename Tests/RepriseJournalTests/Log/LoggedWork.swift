import GRDB
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseJournal

extension SQLiteJournal {
    /// Commits as an owner with a log does, and returns what the log would hold.
    @discardableResult
    func log(_ commit: JournalCommit) throws -> LoggedCommit {
        let before = try standing()
        var recorded: JournalChanges?
        try self.commit(commit) { changes throws(JournalError) in recorded = changes }
        return LoggedCommit(
            standing: JournalPosition(commit.head),
            previous: before.checksum,
            format: format,
            changes: try #require(recorded)
        )
    }

    /// Every row of every table, column by column, in the order of the primary keys.
    func dump() throws -> [String: [String]] {
        try access { database, _ in
            var tables: [String: [String]] = [:]
            for table in try String.fetchAll(database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'") {
                let columns = try database.columns(in: table).map { "quote(\"\($0.name)\")" }.joined(
                    separator: " || ',' || "
                )
                let key = try database.primaryKey(table).columns.joined(separator: ", ")
                tables[table] = try String.fetchAll(database, sql: "SELECT \(columns) FROM \(table) ORDER BY \(key)")
            }
            return tables
        }
    }

    func head(segment: Int64 = 1) throws -> LogHead {
        LogHead(identity: identity, segment: segment, format: format, standing: try standing())
    }
}

extension PartitionJournal {
    /// As of the last commit.
    func madeSnapshot() throws -> any JournalSnapshot {
        let snapshot = try snapshot()
        _ = try snapshot.isMade(waiting: true)
        return snapshot
    }
}

extension JournalStore {
    /// Takes over a journal's snapshot, as the log would bring it.
    @discardableResult
    func take(_ journal: SQLiteJournal, piece: Int = 5_000) throws -> SQLiteJournal {
        let snapshot = try journal.madeSnapshot()
        let receiver = try receive()
        var digest = SHA256Digest()
        while let bytes = try snapshot.next(piece) {
            digest.combine(bytes)
            try receiver.write(bytes)
        }
        let taken = try receiver.finish(size: snapshot.size, digest: digest.bytes(), head: journal.head())
        return try #require(taken as? SQLiteJournal)
    }
}

/// Commits without end, of every kind of row: inserted, changed, deleted, with and without NULLs.
struct RandomWork {
    private var random: SeededRandom
    private var scribe: Scribe
    private var instances: [InstanceRow] = []
    private var hidden: [InstanceRow] = []
    private var timers: [TimerRow] = []
    private var pending: [PendingNumber] = []
    private var held: [PendingNumber] = []
    private var inline: [OutboundNumber] = []
    private var retries: [OutboundNumber] = []
    private var crashes: [InstanceID] = []
    private var next: Int64 = 1

    init(_ journal: SQLiteJournal, seed: UInt64) throws {
        random = SeededRandom(seed: seed)
        scribe = try Scribe(journal)
    }

    mutating func commit(turns: Int = 3) -> JournalCommit {
        var commit = scribe.next()
        commit.head.epoch = Epoch(rawValue: commit.head.commit.rawValue / 50)
        commit.head.time = Timestamp(milliseconds: commit.head.commit.rawValue * 7)
        commit.head.confirmedBeyond =
            chance(3) ? [] : [OutboundNumber(rawValue: next + 5)...OutboundNumber(rawValue: next + 9)]
        for _ in 0..<Int.random(in: 0...turns, using: &random) { turn(&commit) }
        if chance(4) { hide(&commit) }
        if chance(6), !hidden.isEmpty { commit.deletedInstances = [hidden.removeFirst().key] }
        changeTimers(&commit)
        changeMessages(&commit)
        changeTroubles(&commit)
        return commit
    }

    private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

    private mutating func number() -> Int64 {
        next += 1
        return next
    }

    private mutating func number<Number: DomainNumber>() -> Number { Number(rawValue: number()) }

    private mutating func bytes() -> [UInt8] {
        (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    private mutating func turn(_ commit: inout JournalCommit) {
        let position: HistoryPosition = number()
        if instances.isEmpty || chance(3) { instances.append(.sample(key: number())) }
        let index = chance(2) ? instances.count - 1 : Int.random(in: 0..<instances.count, using: &random)
        var row = instances[index]
        guard !commit.instances.contains(where: { $0.key == row.key }) else { return }
        commit.history.append(.turn(at: position, of: row.key, previous: row.lastPosition, text: "größer \(position)"))
        row.lastPosition = position
        row.version += 1
        row.runtimeStatus = RuntimeStatus.allCases.randomElement(using: &random) ?? .running
        instances[index] = row
        commit.instances.append(row)
    }

    /// One incarnation ends, and often the next takes its id in the same commit.
    private mutating func hide(_ commit: inout JournalCommit) {
        guard let index = instances.indices.randomElement(using: &random) else { return }
        var row = instances.remove(at: index)
        commit.instances.removeAll { $0.key == row.key }
        row.hiddenThrough = number()
        hidden.append(row)
        commit.instances.append(row)
        guard chance(2) else { return }
        let successor = InstanceRow.sample(key: number(), id: row.id.value)
        instances.append(successor)
        commit.instances.append(successor)
    }

    private mutating func changeTimers(_ commit: inout JournalCommit) {
        if chance(3), !timers.isEmpty { commit.timers.removed = [timers.removeFirst()] }
        if chance(2), let instance = instances.last {
            let timer = TimerRow(
                TimerColumns(instance: instance.key.rawValue, task: number() as Int64 % 9).subject,
                due: Timestamp(milliseconds: next)
            )
            guard !timers.contains(where: { $0.subject == timer.subject }) else { return }
            timers.append(timer)
            commit.timers.written = [timer]
        }
    }

    private mutating func changeMessages(_ commit: inout JournalCommit) {
        if chance(3), !pending.isEmpty { commit.pending.removed = [pending.removeFirst()] }
        if chance(2), let instance = instances.first {
            let position: PendingNumber = number()
            pending.append(position)
            commit.pending.written = [PendingRow(position: position, instance: instance.key, record: bytes())]
        }
        if chance(3), !held.isEmpty { commit.held.removed = [held.removeFirst()] }
        if chance(3) {
            let position: PendingNumber = number()
            held.append(position)
            commit.held.written = [
                HeldRow(
                    position: position,
                    instance: InstanceID(trusted: "unknown-\(next)"),
                    name: "E",
                    payload: .string("ß"),
                    messageID: chance(2) ? nil : "m-\(next)",
                    until: Timestamp(milliseconds: next),
                    original: bytes()
                )
            ]
        }
        // Often the same key again.
        commit.seen.written = [
            SeenRow(
                key: [UInt8(next % 251), 0, 7],
                fingerprint: random.next(),
                time: Timestamp(milliseconds: commit.head.commit.rawValue)
            )
        ]
        if chance(3) { commit.seen.removed = [[UInt8((next - 40) & 0xFF), 0, 7]] }
        if chance(3), !inline.isEmpty { commit.inline.removed = [inline.removeFirst()] }
        if chance(3) {
            let number: OutboundNumber = number()
            inline.append(number)
            commit.inline.written = [InlineRow(number: number, message: bytes())]
        }
    }

    private mutating func changeTroubles(_ commit: inout JournalCommit) {
        if chance(4), !retries.isEmpty { commit.retries.removed = [retries.removeFirst()] }
        if chance(3) {
            let fresh: OutboundNumber = number()
            let number = chance(2) ? retries.last ?? fresh : fresh
            if !retries.contains(number) { retries.append(number) }
            commit.retries.written = [
                RetryRow(number: number, position: 1, attempts: Int(next), due: .zero, reason: "NO_ROUTE")
            ]
        }
        if chance(4), !crashes.isEmpty { commit.crashes.removed = [crashes.removeFirst()] }
        if chance(3) {
            let id =
                chance(2) ? crashes.last ?? InstanceID(trusted: "c") : InstanceID(trusted: "c-\(number() as Int64)")
            if !crashes.contains(id) { crashes.append(id) }
            commit.crashes.written = [
                CrashRow(instance: id, traps: Int(number() as Int64 % 9), timeouts: 2, kills: 3, trials: 4)
            ]
        }
    }
}
