import Logging
import Reprise
import RepriseEngine
import RepriseKernel

/// One partition's process, its journal, and what the broker holds for it and of it.
///
/// ```
///  inbox ──deliver──► Partition ──commit──► journal
///    ▲ redelivered       │ acks, then publishes, then answers; the process may die before, between and after
///    └── unacked         ▼
///                      wire ──(some arrive, some are lost)──► hub;  outcomes ◄── confirms, in any order
/// ```
final class SimulatedNode {
    let journal: MemoryJournal
    var partition: Partition?
    var inbox: [SimulatedHub.Letter] = []
    var unacked: [(tag: UInt64, letter: SimulatedHub.Letter)] = []
    /// Written to the socket, not yet seen by the broker.
    var wire: [Outbound] = []
    /// Confirms and returns on their way back.
    var outcomes: [OutboundSettlement] = []
    var lastTag: UInt64 = 0
    /// What a test's decorator breaks on purpose.
    let flaw: Flaw?

    init(journal: MemoryJournal, flaw: Flaw?) {
        self.journal = journal
        self.flaw = flaw
    }
}

/// A bug planted to prove that the simulation would find it.
enum Flaw: CaseIterable {
    case acknowledgesBeforeCommit
    case acknowledgesTooMuch
    case publishesBeforeCommit
    case forgetsWhatItHasSeen
    case publishesNothingAgain
    case takesReturnedForSent
    case forgetsTimers
    case losesPendingEvents
    case runsAheadOfTheClock
}

/// A journal that breaks one promise.
final class FlawedJournal: MemoryJournal {
    private let flaw: Flaw
    private var onDisk: State?

    init(_ flaw: Flaw, partition: Int, of count: Int) throws {
        self.flaw = flaw
        try super.init(partition: partition, of: count)
    }

    override func commit(_ commit: JournalCommit) throws(JournalError) {
        var commit = commit
        if flaw == .losesPendingEvents { commit.pendingAdded = [] }
        // Says that it is done, and writes it with the next commit: so effects leave before what decided them is durable.
        if flaw == .publishesBeforeCommit { onDisk = state }
        try super.commit(commit)
    }

    override func seen(_ key: [UInt8]) throws(JournalError) -> SeenRow? {
        flaw == .forgetsWhatItHasSeen ? nil : try super.seen(key)
    }

    override func recover() throws(JournalError) -> RecoveredPartition {
        if let onDisk { state = onDisk }
        onDisk = nil
        var recovered = try super.recover()
        if flaw == .forgetsTimers { recovered.timers = [] }
        return recovered
    }

    /// What a crash now would leave.
    override var durable: State { onDisk ?? state }
}
