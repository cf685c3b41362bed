import Logging
package import RepriseKernel

extension Partition {
    /// Publishes what the broker may not have and is still wanted. The rest counts as settled.
    ///
    /// - Parameter epoch: the epoch of the ownership that begins, above all before it.
    package func begin(epoch: Epoch) throws(JournalError) -> Effects {
        openBatch(at: recordedTime())
        reported.begin(at: now)
        // Only an owner that seeds an empty broker jumps this far. Deriving it from the epoch lets the next process see
        // it too if this one gets no further.
        if head.commit > 0, JournalPosition.isSeeded(epoch, after: head.epoch) { resendAll() }
        let predecessor = head.epoch
        head.begin(epoch)
        batch.require()
        countCrash(after: predecessor)
        if predecessor > 0, marker.epoch != predecessor { suspicion.begin(at: now) }
        var missing: [Outbound] = []
        var wanted = WantedMessages(journal, maker)
        var position = head.unconfirmedFrom
        while true {
            let rows = try journal.historyRows(from: position, limit: 500)
            guard let last = rows.last else { break }
            for row in rows {
                do {
                    missing += try unconfirmed(of: row, &wanted)
                    try noteLeftHistory(before: row)
                } catch {
                    guard error.code == .damaged else { throw error }
                    // The problem of one instance, whose next turn reports it; what it had to send is lost.
                    logger.error("\(error.message)")
                }
            }
            position = last.position.next
        }
        for (number, bytes) in inline.all where retries[number] == nil {
            do {
                let message = try maker.message(number, bytes)
                if !outbox.isSettled(number) {
                    outbox.add(CollectionOfOne(number), position: 0, statuses: [message].statuses)
                }
                missing.append(message)
            } catch {
                guard error.code == .damaged else { throw error }
                logger.error("\(error.message)")
            }
        }
        for number in head.confirmedThrough.next..<max(head.nextOutbound, head.confirmedThrough.next)
        where outbox.position(of: number) == nil {
            // Deleted with its instance, or just settled.
            outbox.settle(number)
        }
        var effects = try commit()
        effects.publish = missing.sorted { $0.number < $1.number } + effects.publish
        // Only now may code run: if it traps again, the count of its traps is on disk.
        openBatch(at: now)
        marker.epoch = epoch
        effects.add(try applyWaiting())
        effects.add(try commit())
        return effects
    }

    /// Puts a row's unconfirmed messages in the outbox; returns those to publish.
    private func unconfirmed(of row: HistoryRow, _ wanted: inout WantedMessages) throws(JournalError) -> [Outbound] {
        let numbers = row.firstOutbound..<row.firstOutbound.advanced(by: Int64(try row.outboundCount()))
        // One unconfirmed message may precede thousands of confirmed ones.
        if numbers.allSatisfy({ outbox.isSettled($0) }) { return [] }
        let messages = try wanted.messages(of: row)
        let unsettled = numbers.filter { !outbox.isSettled($0) }
        outbox.add(unsettled, position: row.position, statuses: messages.statuses)
        for number in numbers where retries[number] != nil || !messages.contains(where: { $0.number == number }) {
            outbox.settle(number)
        }
        return messages.filter { !outbox.isSettled($0.number) }
    }
}

extension HistoryRow {
    fileprivate func outboundCount() throws(JournalError) -> Int { try decoded().count { $0.isOutbound } }
}

extension [Outbound] {
    /// The numbers of those that are status messages.
    fileprivate var statuses: [OutboundNumber] {
        compactMap { outbound in if case .status = outbound.message { outbound.number } else { nil } }
    }
}
