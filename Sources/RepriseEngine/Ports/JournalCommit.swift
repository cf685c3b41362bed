package import RepriseKernel

// What a commit changes, table by table, and what a process finds that takes the partition up. A table whose rows come
// and go has its row here, its changes in `JournalCommit`, and its rows in `RecoveredPartition` where they are needed
// at once.

/// A row of a table whose rows come and go one by one.
package protocol TableRow: Equatable, Sendable {
    associatedtype Key: Hashable, Sendable
    /// What says which row is to go: its key, unless more has to fit.
    associatedtype Removal: Equatable, Sendable = Key
    var key: Key { get }
    static func key(of removal: Removal) -> Key
    func fits(_ removal: Removal) -> Bool
}

extension TableRow where Removal == Key {
    package static func key(of removal: Key) -> Key { removal }
    package func fits(_ removal: Key) -> Bool { true }
}

/// What a commit changes of one table.
package struct RowChanges<Row: TableRow>: Equatable, Sendable {
    /// Inserted; where the table allows that, or replaced by key.
    package var written: [Row] = []
    /// After all that is written: what came and went within one batch is gone.
    package var removed: [Row.Removal] = []

    package init() {}

    mutating func write(_ row: Row) { written.append(row) }

    mutating func remove(_ removal: Row.Removal) { removed.append(removal) }
}

/// Everything one batch changes, committed together.
package struct JournalCommit: Equatable, Sendable {
    package var head: JournalHead
    package var history: [HistoryRow] = []
    /// Inserted or replaced by key.
    package var instances: [InstanceRow] = []
    /// Hidden instances whose row and history go now.
    package var deletedInstances: [InstanceKey] = []
    /// Outdated history of instances that continue.
    package var deletedHistory: [FormerHistory] = []
    package var timers = RowChanges<TimerRow>()
    package var pending = RowChanges<PendingRow>()
    package var held = RowChanges<HeldRow>()
    package var seen = RowChanges<SeenRow>()
    package var inline = RowChanges<InlineRow>()
    package var retries = RowChanges<RetryRow>()
    package var crashes = RowChanges<CrashRow>()

    package init(head: JournalHead) { self.head = head }

    /// Whether it contains nothing but the head.
    package var isEmpty: Bool { self == JournalCommit(head: head) }
}

/// What a journal tells a process that takes over the partition. Rows of a table come in the order of their keys.
package struct RecoveredPartition: Equatable, Sendable {
    package var head: JournalHead
    package var timers: [TimerRow] = []
    package var held: [HeldRow] = []
    package var inline: [InlineRow] = []
    package var retries: [RetryRow] = []
    package var crashes: [CrashRow] = []
    /// Hidden instances whose history still has to go.
    package var hidden: [InstanceRow] = []
    /// Visible instances that something waits for: early events, or what their code could not take when it came.
    package var waiting: [InstanceID] = []

    package init(head: JournalHead) { self.head = head }
}

/// One history record that waits to be applied to an instance.
package struct PendingRow: TableRow {
    package var position: PendingNumber
    package var instance: InstanceKey
    package var record: [UInt8]

    package var key: PendingNumber { position }

    package init(position: PendingNumber, instance: InstanceKey, record: [UInt8]) {
        self.position = position
        self.instance = instance
        self.record = record
    }
}

/// An event for an instance that does not exist (yet): kept until `until`, then a dead letter.
package struct HeldRow: TableRow {
    package var position: PendingNumber
    package var instance: InstanceID
    package var name: String
    package var payload: Payload
    package var messageID: String?
    package var until: Timestamp
    /// The message as the edge knew it, for the dead letter.
    package var original: [UInt8]

    package var key: PendingNumber { position }

    package init(
        position: PendingNumber,
        instance: InstanceID,
        name: String,
        payload: Payload,
        messageID: String?,
        until: Timestamp,
        original: [UInt8]
    ) {
        self.position = position
        self.instance = instance
        self.name = name
        self.payload = payload
        self.messageID = messageID
        self.until = until
        self.original = original
    }
}

/// A command that was accepted: its repeat gets the same answer.
package struct SeenRow: TableRow {
    package var key: [UInt8]
    package var fingerprint: UInt64
    /// From then on it is remembered as long as any. Earlier than it was accepted where less is enough.
    package var time: Timestamp

    package init(key: [UInt8], fingerprint: UInt64, time: Timestamp) {
        self.key = key
        self.fingerprint = fingerprint
        self.time = time
    }
}

/// How often the process died in a turn of this instance since the last turn of it that was committed.
package struct CrashRow: TableRow {
    package var instance: InstanceID
    /// By a trap: the code's doing.
    package var traps: Int
    /// By the turn timeout: the code's doing too.
    package var timeouts: Int
    /// By something that gave no reason: a plain kill, the kernel short of memory, perhaps no one's doing.
    package var kills: Int
    /// Deaths of other nodes, whose reasons lie on their disks: a turn is counted before it is tried, and the count
    /// taken back after it, or by the node that died when it comes back.
    package var trials: Int

    package var key: InstanceID { instance }

    package init(instance: InstanceID, traps: Int = 0, timeouts: Int = 0, kills: Int = 0, trials: Int = 0) {
        self.instance = instance
        self.traps = traps
        self.timeouts = timeouts
        self.kills = kills
        self.trials = trials
    }
}

/// An outbound message that no history holds: a dead letter, or the notice of a purge.
package struct InlineRow: TableRow {
    package var number: OutboundNumber
    package var message: [UInt8]

    package var key: OutboundNumber { number }

    package init(number: OutboundNumber, message: [UInt8]) {
        self.number = number
        self.message = message
    }
}

/// An outbound message that the broker returned or refused, tried again later, so that it blocks no one meanwhile; or
/// one that is sent again because the broker may have lost it, or its answer.
package struct RetryRow: TableRow {
    package var number: OutboundNumber
    /// The history row that holds the message; 0 when it is an inline one.
    package var position: HistoryPosition
    package var attempts: Int
    /// A receiver that has had it is to answer again.
    package var isSentAgain: Bool
    package var due: Timestamp
    package var reason: String

    package var key: OutboundNumber { number }

    package init(
        number: OutboundNumber,
        position: HistoryPosition,
        attempts: Int,
        isSentAgain: Bool = false,
        due: Timestamp,
        reason: String
    ) {
        self.number = number
        self.position = position
        self.attempts = attempts
        self.isSentAgain = isSentAgain
        self.due = due
        self.reason = reason
    }
}
