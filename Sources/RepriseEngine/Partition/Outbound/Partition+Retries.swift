import Logging
import RepriseKernel

extension Partition {
    func retryDue() throws(JournalError) {
        var reading = RetryReading(journal, maker)
        for row in retries.takeDue(at: now, pause: .seconds(30), atMost: Self.retriedAtOnce)
        where outbox.isSettled(row.number) {
            do {
                if var message = try message(row.number, at: row.position, &reading) {
                    if row.isSentAgain { message.message.askAgain() }
                    retries.sent(row)
                    batch.sendAgain(message)
                } else {
                    retries.remove(row.number)
                }
            } catch  where error.code == .damaged {
                // The problem of one instance: it must not stop the others, and the message must not count as unwanted.
                logger.error("Message \(row.number) cannot be retried: \(error.message)")
            }
        }
    }

    /// As many as a batch takes: the rest is still due, and goes with the next.
    private static let retriedAtOnce = 256

    /// Nil when it is no longer wanted.
    func message(
        _ number: OutboundNumber,
        at position: HistoryPosition,
        _ reading: inout RetryReading
    ) throws(JournalError) -> Outbound? {
        guard position == 0 else { return try reading.message(number, at: position) }
        return try inline[number].map { bytes throws(JournalError) in try maker.message(number, bytes) }
    }
}

/// What was read for the last message: those due together are often in one history row, of a fan-out.
struct RetryReading {
    private let journal: any PartitionJournal
    private var wanted: WantedMessages
    private var position: HistoryPosition = 0
    private var messages: [OutboundNumber: Outbound] = [:]

    init(_ journal: any PartitionJournal, _ maker: OutboundMaker) {
        self.journal = journal
        wanted = WantedMessages(journal, maker)
    }

    mutating func message(_ number: OutboundNumber, at position: HistoryPosition) throws(JournalError) -> Outbound? {
        if self.position != position {
            let row = try journal.historyRow(at: position)
            let found = if let row { try wanted.messages(of: row) } else { [Outbound]() }
            messages = Dictionary(found.map { ($0.number, $0) }, uniquingKeysWith: { $1 })
            self.position = position
        }
        return messages[number]
    }
}

extension Outbound.Message {
    fileprivate mutating func askAgain() {
        guard case .command(var command) = self else { return }
        command.asksAgain = true
        self = .command(command)
    }
}
