import Logging
import RepriseKernel

extension Partition {
    func settle(_ settlement: OutboundSettlement) throws(JournalError) {
        let number = settlement.number
        // Nothing we ever sent: treating it as settled would swallow the message that gets the number later.
        guard number < head.nextOutbound else { return }
        let hasAsked = retries.hasAsked(number)
        switch settlement.outcome {
        case .confirmed:
            // It was to be requested again while it was on its way.
            if retries[number] != nil, !hasAsked { retries.hasten(number, at: now) } else { forget(number) }
        case .undeliverable(let reason): retry(number, reason)
        case .refused(let reason), .unconfirmed(let reason):
            retry(number, reason)
            if retries.countRefusal(of: number) >= Self.maximumRefusals, try isStatus(number) {
                say(
                    "Status messages are let go after \(Self.maximumRefusals) tries, a subscriber misses them: \(reason)"
                )
                forget(number)
            }
        }
        outbox.settle(number)
    }

    /// How often a status is offered to a subscriber that refuses it. A gap in the versions tells it what it has
    /// missed.
    private static let maximumRefusals = 5

    private func forget(_ number: OutboundNumber) {
        inline.remove(number)
        retries.remove(number)
    }

    private func retry(_ number: OutboundNumber, _ reason: String) {
        let attempts = (retries[number]?.attempts ?? 0) + 1
        let row = RetryRow(
            number: number,
            position: retries[number]?.position ?? outbox.position(of: number) ?? 0,
            attempts: attempts,
            isSentAgain: retries[number]?.isSentAgain ?? false,
            due: now + Self.pause(after: attempts),
            reason: reason
        )
        retries.add(row)
        if attempts == 1 { say("Messages could not be delivered, and will be retried: \(reason)") }
    }

    /// Once a minute: one cause may hold up thousands of messages.
    private func say(_ trouble: String) {
        if troubles.isNew(trouble, at: now) { logger.warning("\(trouble)") }
    }

    /// For a message in the retry table. One that cannot be read now does not count: it is not dropped.
    private func isStatus(_ number: OutboundNumber) throws(JournalError) -> Bool {
        guard let row = retries[number] else { return false }
        var reading = RetryReading(journal, maker)
        do {
            guard let message = try message(number, at: row.position, &reading), case .status = message.message else {
                return false
            }
            return true
        } catch  where error.code == .damaged {
            return false
        }
    }

    /// 0.5 s, doubling up to half a minute.
    private static func pause(after attempts: Int) -> Duration {
        .milliseconds(500).doubled(after: attempts, atMost: .seconds(30))
    }
}
