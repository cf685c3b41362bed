import RepriseEngine
import RepriseKernel

/// One partition of a hub: the journal, which outlives everything, and the engine's in-memory state, which may die.
final class SimulatedOwner {
    /// A message on its way to the partition.
    struct Letter {
        var message: InboundDelivery.Message
        /// The number of the request that wants an answer.
        var request: Int?
        /// Whether an earlier process has seen it before it died.
        var isRedelivered = false
    }

    let journal: HubJournal
    /// Replaced when the process dies.
    var partition: Partition
    private var inbox: [Letter] = []
    private var settlements: [OutboundSettlement] = []
    private var lastTag: UInt64 = 0

    /// Bounded as in a node, so that a batch is never everything.
    private static let batch = 256

    init(journal: HubJournal, partition: Partition) {
        self.journal = journal
        self.partition = partition
    }

    /// Ends the code of the instances; it has no other thread to end on.
    deinit { partition.close() }

    func post(_ letter: Letter) { inbox.append(letter) }

    /// The process died before it acknowledged them.
    func redeliver(_ letters: [Letter]) {
        inbox = letters.map { Letter(message: $0.message, request: $0.request, isRedelivered: true) } + inbox
    }

    func confirm(_ number: OutboundNumber) {
        settlements.append(OutboundSettlement(number: number, outcome: .confirmed))
    }

    /// Whether there is something to do at this time.
    func hasWork(at now: Timestamp) -> Bool {
        if !inbox.isEmpty || !settlements.isEmpty { return true }
        return partition.nextDue().map { $0 <= now } ?? false
    }

    /// Takes the letters of the next batch. A redelivered one comes alone, since it is not made to crash again.
    func takeBatch() -> (letters: [Letter], settlements: [OutboundSettlement]) {
        let isRepeat = inbox.first?.isRedelivered == true
        let letters = Array(inbox.prefix(Self.batch).prefix { $0.isRedelivered == isRepeat })
        inbox.removeFirst(letters.count)
        defer { settlements = [] }
        return (letters, settlements)
    }

    func delivery(of letter: Letter) -> InboundDelivery {
        lastTag += 1
        return InboundDelivery(
            tag: lastTag,
            message: letter.message,
            replyTo: letter.request.map { ReplyAddress(queue: "test", correlation: String($0)) },
            size: 0,
            original: DescribedMessage(text: letter.message.summary)
        )
    }
}

/// A message as a dead letter shows it.
private struct DescribedMessage: OriginalMessage {
    var text: String
    func encoded() -> [UInt8] { Array(text.utf8) }
}

extension InboundDelivery.Message {
    fileprivate var summary: String {
        switch self {
        case .command(let command):
            "\(command.action.verb)\(command.action.name.map { " '\($0)'" } ?? "") for '\(command.instance)'"
        case .result(let result): "result for '\(result.instance)'"
        case .progress(let report): "progress for '\(report.instance)'"
        case .query: "query"
        case .unusable(let rejection): rejection.reason
        }
    }
}

/// The turns of a test are not watched: a trap ends the test itself.
final class UnwatchedTurns: TurnMarker {
    var epoch: Epoch = 0
    func beginTrial(of instance: InstanceID) {}
    func endTrial() {}
    func enter(_ instance: InstanceID) {}
    func leave() {}
    func takeUnfinished() -> UnfinishedTurn? { nil }
}
