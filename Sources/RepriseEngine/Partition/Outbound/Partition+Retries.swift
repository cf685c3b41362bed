import Logging
import RepriseKernel

extension Partition {
    func retryDue() throws(JournalError) {
        var reading = RetryReading()
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
                // One instance's: it must not stop the others, and the message must not pass for unwanted.
                logger.error("Message \(row.number) cannot be tried again: \(error.message)")
            }
        }
    }

    /// As many as a batch takes in: the rest is due still, and goes with the next.
    private static let retriedAtOnce = 256

    /// What was read for the last message: those that are due at once often lie in one history row, of a fan-out.
    struct RetryReading {
        var open = OpenTasks()
        var position: HistoryPosition = 0
        var messages: [OutboundNumber: Outbound] = [:]
    }

    /// Nil when nobody wants it any more.
    func message(
        _ number: OutboundNumber,
        at position: HistoryPosition,
        _ reading: inout RetryReading
    ) throws(JournalError) -> Outbound? {
        if position == 0 {
            guard let bytes = inline[number] else { return nil }
            return try readInline(number, bytes)
        }
        if reading.position != position {
            let row = try journal.historyRow(at: position)
            let found = try row.map { row throws(JournalError) in try wanted(row, &reading.open) }
            reading.messages = Dictionary((found ?? []).map { ($0.number, $0) }, uniquingKeysWith: { $1 })
            reading.position = position
        }
        return reading.messages[number]
    }

    func readInline(_ number: OutboundNumber, _ bytes: [UInt8]) throws(JournalError) -> Outbound {
        do {
            return outbound(number, try InlineCodec.decode(bytes))
        } catch {
            throw JournalError(.damaged, "outbound message \(number): \(error)")
        }
    }
}

extension Outbound.Message {
    fileprivate mutating func askAgain() {
        guard case .command(var command) = self else { return }
        command.asksAgain = true
        self = .command(command)
    }
}
