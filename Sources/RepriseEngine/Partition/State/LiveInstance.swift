import Reprise
import RepriseKernel

/// An instance in memory: its row, what it waits for, what waits for it, and perhaps its running code.
final class LiveInstance {
    var row: InstanceRow
    /// Nil until history has been read: a row alone is enough to refuse a command.
    var open: OpenWork?
    /// Events not yet applied, oldest first; loaded together with `open`.
    var pending = PendingEvents() {
        didSet {
            waitingBytes.sum += pending.bytes - countedBytes
            countedBytes = pending.bytes
        }
    }
    private var countedBytes = 0
    let waitingBytes: WaitingBytes
    var session: (any Execution)?
    /// What it began with; known once history has been read.
    var beginning: ExecutionStart?
    /// The generation that is to begin when its timer comes up.
    var upcoming: ExecutionStart?
    /// The address its parent wants its end at, if it has changed since the start.
    var addressed: TaskAddress?
    /// What it was asked to clean up for, once its code has been told.
    var cancellation: Cancellation?
    /// The state of an entity. Nil until it has been read.
    var entity: EntityState?
    /// Events in its history, what this batch appends included; known once history has been read.
    var eventCount = 0
    /// What this batch appends to its history.
    var appended: [HistoryRecord] = []
    /// Whether `appended` begins a generation: what is before no longer counts.
    var beginsGeneration = false
    /// What this batch appended to generations before; a row each.
    var former: [(records: [HistoryRecord], beginsGeneration: Bool)] = []
    var isTouched = false
    /// For choosing what to evict.
    var lastUse: UInt64 = 0

    init(row: InstanceRow, waitingBytes: WaitingBytes) {
        self.row = row
        self.waitingBytes = waitingBytes
    }

    deinit { waitingBytes.sum -= countedBytes }

    /// Ends the history of a generation: what is appended from now on goes into a row that begins the next.
    func beginGeneration() {
        if !appended.isEmpty { former.append((appended, beginsGeneration)) }
        appended = []
        beginsGeneration = true
        eventCount = 0
    }

    /// Whether it was asked to, and has been told or is to be.
    var isToBeCanceled: Bool { cancellation != nil || pending.contains { $0.event.isCancelRequest } }

    /// What the next generation is to be told: it waits from here on.
    func takeCancellation() -> Cancellation? {
        defer { cancellation = nil }
        return cancellation
    }

    /// Its parent goes by this address from now on.
    func address(_ parent: TaskAddress) {
        addressed = parent
        beginning?.parent = parent
        upcoming?.parent = parent
    }

    /// Restores the facts in history besides the code's position.
    func restoreFacts(_ history: [HistoryRecord]) {
        eventCount = history.count
        for record in history {
            switch record.event {
            case .executionStarted(let start): beginning = start
            case .parentAddressed(let address): addressed = address
            case .cancelRequested(let request): cancellation = request
            // It may have been suspended and resumed since.
            case .executionContinued(let next):
                upcoming = next
                cancellation = nil
            default: break
            }
        }
        // Takes precedence over a start that was recorded later, which is older.
        if let address = addressed { self.address(address) }
    }

    /// Whether an event of this name would be applied at once instead of waiting.
    func takesNow(event name: String) -> Bool {
        row.runtimeStatus != .suspended && open?.isRegaining != true && session?.isAwaiting(event: name) == true
    }

    /// What the code waits for after an event that it did not take: another name may have been meant.
    func awaitedInstead(of name: String) -> [String] {
        let name = name.lowercased()
        let waits = pending.contains { waiting in
            if case .eventRaised(let raised, _) = waiting.event { raised.lowercased() == name } else { false }
        }
        guard waits, row.runtimeStatus != .suspended, let session, !session.isAwaiting(event: name) else { return [] }
        var seen: Set<String> = []
        return Array(session.awaitedEvents.filter { seen.insert($0.lowercased()).inserted }.prefix(10))
    }

    /// Whether a result for this task already waits to be applied.
    func hasPendingResult(for task: TaskID) -> Bool {
        pending.contains { waiting in
            switch waiting.event {
            case .taskCompleted(let id, _), .taskFailed(let id, _): id == task
            default: false
            }
        }
    }
}
