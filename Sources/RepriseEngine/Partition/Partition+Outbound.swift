import Logging
package import RepriseKernel

extension Partition {
    /// The messages that a history row holds, with their numbers.
    func outbound(of instance: InstanceRow, _ records: [HistoryRecord], _ row: HistoryRow) -> [Outbound] {
        var number = row.firstOutbound
        var sequence = row.firstSequence
        var outcome: TaskResult.Outcome?
        var messages: [Outbound] = []
        for record in records {
            outcome = record.event.outcome ?? outcome
            guard record.isOutbound else { continue }
            if let message = message(of: record, instance, sequence: sequence, number: number, outcome) {
                messages.append(Outbound(number: number, epoch: head.epoch, message: message))
            }
            if record.version != nil { sequence += 1 }
            number += 1
        }
        return messages
    }

    /// - Parameter outcome: how the execution ended, if the row says so before.
    private func message(
        of record: HistoryRecord,
        _ instance: InstanceRow,
        sequence: StatusSequenceNumber,
        number: OutboundNumber,
        _ outcome: TaskResult.Outcome?
    ) -> Outbound.Message? {
        if let version = record.version, let news = record.event.news {
            return .status(
                StatusMessage(
                    kind: news.kind,
                    instance: instance.id,
                    name: instance.name,
                    incarnation: instance.incarnation,
                    version: version,
                    partition: identity.partition,
                    sequence: sequence,
                    epoch: head.epoch,
                    time: record.time,
                    createdTime: instance.createdTime,
                    payload: news.payload,
                    failure: news.failure,
                    traits: news.traits
                )
            )
        }
        switch record.event {
        case .taskScheduled(let task): return message(of: task, instance, number: number)
        case .messageSent(let sent):
            return command(sent.action, to: sent.to, messageID: messageID(of: sent, instance, number))
        case .entityAnswered(let address, let outcome):
            return .result(TaskResult(instance: address.instance, token: address.token, outcome: outcome))
        case .parentNotified(let address):
            return outcome.map {
                .result(TaskResult(instance: address.instance, token: address.token, outcome: $0))
            }
        default: return nil
        }
    }

    private func message(of task: ScheduledTask, _ instance: InstanceRow, number: OutboundNumber) -> Outbound.Message {
        let address = address(of: task, instance)
        switch task.target {
        case .activity:
            return .task(TaskMessage(instance: instance.id, incarnation: instance.incarnation, task: task))
        case .orchestration(let child, let version, let tags, let takesUp):
            let request = StartRequest(
                orchestrator: task.name,
                input: task.input,
                version: version,
                tags: tags,
                parent: address,
                takesUp: takesUp
            )
            return command(.start(request), to: child, messageID: messageID(of: task, number))
        case .entity(let entity, let section):
            let request = EntityRequest(
                .operation(name: task.name, input: task.input),
                caller: address,
                section: section.map { self.section($0, of: instance) }
            )
            return command(.operate(request), to: entity.instance, messageID: messageID(of: task, number))
        case .lock(let entities):
            let request = EntityRequest(
                .lock(entities),
                caller: address,
                section: section(LockNumber(task.id, attempt: task.attempt), of: instance)
            )
            return command(.operate(request), to: entities[0].instance, messageID: messageID(of: task, number))
        }
    }

    /// What code has sent has a key of its own making: a step that a rewind has taken once more sends the same again, and
    /// whoever has had it takes it for the repeat that it is.
    private func messageID(of sent: SentMessage, _ instance: InstanceRow, _ number: OutboundNumber) -> String {
        guard sent.id.value != 0 else { return messageID(number, life: sent.life) }
        let key = DerivedIdentity.sent(
            by: instance.id,
            incarnation: instance.incarnation,
            task: sent.id,
            fingerprint: sent.action.fingerprint
        )
        return "\(identity.hub).\(identity.partition).\(key)"
    }

    /// The attempt has a secret of its own; the key's life may be that of an earlier one, from before the journal was copied.
    private func messageID(of task: ScheduledTask, _ number: OutboundNumber) -> String {
        guard task.key.life != 0 else { return messageID(number, life: 0) }
        return "\(identity.hub).\(identity.partition).\(DerivedIdentity.attempt(task.secret)).\(number)"
    }

    private func messageID(_ number: OutboundNumber, life: UInt64) -> String {
        TaskKey(number, life: life).text(identity.hub, identity.partition)
    }

    /// The key says which message it is, however often it is sent.
    private func command(_ action: Command.Action, to instance: InstanceID, messageID: String) -> Outbound.Message {
        .command(
            Command(
                instance: instance,
                action: action,
                messageID: messageID,
                isInternal: true,
                isOrdered: true
            )
        )
    }

    func outbound(_ number: OutboundNumber, _ message: InlineMessage) -> Outbound {
        switch message {
        case .command(let instance, let action, let life):
            Outbound(
                number: number,
                epoch: head.epoch,
                message: command(action, to: instance, messageID: messageID(number, life: life))
            )
        case .result(let result):
            Outbound(number: number, epoch: head.epoch, message: .result(result))
        case .deadLetter(let letter):
            Outbound(number: number, epoch: head.epoch, message: .deadLetter(letter))
        case .purged(let news):
            Outbound(
                number: number,
                epoch: head.epoch,
                message: .status(
                    StatusMessage(
                        kind: .purged,
                        instance: news.instance,
                        name: news.name,
                        incarnation: news.incarnation,
                        version: news.version,
                        partition: identity.partition,
                        sequence: news.sequence,
                        epoch: head.epoch,
                        time: news.time,
                        createdTime: news.createdTime,
                        payload: .null
                    )
                )
            )
        }
    }

    // MARK: Settlements and retries

    func settle(_ settlement: OutboundSettlement) throws(JournalError) {
        let number = settlement.number
        // Nothing we ever sent: taking it for settled would swallow the message that gets the number one day.
        guard number < head.nextOutbound else { return }
        let hasAsked = retries.hasAsked(number)
        switch settlement.outcome {
        case .confirmed:
            // It was to be asked for once more while it was on its way.
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

    /// So often is a status offered to a subscriber that refuses it. A gap in the versions tells it what it has missed.
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
        if attempts == 1 { say("Messages could not be delivered and are tried again: \(reason)") }
    }

    /// Once a minute: one cause may hold up thousands of messages.
    private func say(_ trouble: String) {
        if troubles.isNews(trouble, at: now) { logger.warning("\(trouble)") }
    }

    /// Of a message in the retry table. One that cannot be read now is none: it is not let go.
    private func isStatus(_ number: OutboundNumber) throws(JournalError) -> Bool {
        guard let row = retries[number] else { return false }
        var reading = RetryReading()
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

    func retryDue() throws(JournalError) {
        var reading = RetryReading()
        for row in retries.takeDue(at: now, pause: .seconds(30), atMost: Self.retriedAtOnce)
        where outbox.isSettled(row.number) {
            do {
                if var message = try message(row.number, at: row.position, &reading) {
                    if row.isSentAgain { message.message.askAgain() }
                    retries.sent(row)
                    batch.republish.append(message)
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

    /// The instances whose history holds a message that is to be tried again.
    func retryOwners() throws(JournalError) -> Set<InstanceKey> {
        var owners: [HistoryPosition: InstanceKey] = [:]
        for row in retries.all where row.position != 0 {
            do {
                var owner = ownersByPosition[row.position]
                if owner == nil { owner = try journal.historyRow(at: row.position)?.instance }
                owners[row.position] = owner
            } catch {
                // Nobody's any more: such a message cannot be sent.
                guard error.code == .damaged else { throw error }
            }
        }
        // Only of those that are there now: others come and go for as long as the process lives.
        ownersByPosition = owners
        return Set(owners.values)
    }

    /// What was read for the last message: those that are due at once often lie in one history row, of a fan-out.
    private struct RetryReading {
        var open = OpenTasks()
        var position: HistoryPosition = 0
        var messages: [OutboundNumber: Outbound] = [:]
    }

    /// Nil when nobody wants it any more.
    private func message(
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

    // MARK: After a restart

    /// What the broker may not have, and somebody still wants. The rest counts as settled.
    ///
    /// - Parameter epoch: the ownership that begins, above all before it.
    package func begin(epoch: Epoch) throws(JournalError) -> Effects {
        now = recordedTime()
        batch = Batch()
        // Only who seeds a broker anew goes so far; that, and not how it was done, so that it is seen by the next process too
        // if this one gets no further.
        if head.commit > 0, JournalPosition.isSeeded(epoch, after: head.epoch) { resendAll() }
        let predecessor = head.epoch
        head.epoch = epoch
        batch.isNeeded = true
        countCrash(after: predecessor)
        if predecessor > 0, marker.epoch != predecessor { suspicion = Suspicion(takenAt: now) }
        var missing: [Outbound] = []
        var open = OpenTasks()
        var position = head.unconfirmedFrom
        while true {
            let rows = try journal.historyRows(from: position, limit: 500)
            guard let last = rows.last else { break }
            for row in rows {
                do {
                    missing += try unconfirmed(of: row, &open)
                    try noteLeftHistory(before: row)
                } catch {
                    guard error.code == .damaged else { throw error }
                    // One instance's, whose next turn says so; what it had to send is gone.
                    logger.error("\(error.message)")
                }
            }
            position = last.position.next
        }
        for (number, bytes) in inline.all where retries[number] == nil {
            do {
                let message = try readInline(number, bytes)
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
            // Deleted with its instance, or settled just now.
            outbox.settle(number)
        }
        var effects = try commit()
        effects.publish = missing.sorted { $0.number < $1.number } + effects.publish
        // Only now may code run: if it traps again, the count of its traps is on disk.
        batch = Batch()
        marker.epoch = epoch
        effects.add(try applyWaiting())
        effects.add(try commit())
        return effects
    }

    /// Puts a row's unconfirmed messages in the outbox; gives those that are to be published.
    private func unconfirmed(of row: HistoryRow, _ open: inout OpenTasks) throws(JournalError) -> [Outbound] {
        let numbers = row.firstOutbound..<row.firstOutbound.advanced(by: Int64(try count(row)))
        // One message that was never confirmed may lie before thousands that were.
        if numbers.allSatisfy({ outbox.isSettled($0) }) { return [] }
        let wanted = try wanted(row, &open)
        let unsettled = numbers.filter { !outbox.isSettled($0) }
        outbox.add(unsettled, position: row.position, statuses: wanted.statuses)
        for number in numbers where retries[number] != nil || !wanted.contains(where: { $0.number == number }) {
            outbox.settle(number)
        }
        return wanted.filter { !outbox.isSettled($0.number) }
    }

    private func count(_ row: HistoryRow) throws(JournalError) -> Int {
        try records(row).count { $0.isOutbound }
    }

    func records(_ row: HistoryRow) throws(JournalError) -> [HistoryRecord] {
        do {
            return try HistoryCodec.decode(row.records)
        } catch {
            throw JournalError(.damaged, "history row \(row.position) of instance \(row.instance): \(error)")
        }
    }

    /// The open tasks of instances whose history was read, so that a long one is read once and not once a row.
    private typealias OpenTasks = [InstanceKey: [TaskID: ScheduledTask]]

    /// A row's messages without the tasks whose result is known already or wanted no more, and without the starts of
    /// children that were to end with their parent.
    private func wanted(_ row: HistoryRow, _ open: inout OpenTasks) throws(JournalError) -> [Outbound] {
        guard let instance = try journal.instance(key: row.instance) else { return [] }
        var all = outbound(of: instance, try records(row), row)
        if instance.runtimeStatus == .terminated, all.contains(where: { $0.message.child != nil }) {
            // The order to end may have been there first, and found nobody.
            let dismissed = try children(dismissedBy: instance)
            all.removeAll { $0.message.child.map(dismissed.contains) ?? false }
        }
        guard all.contains(where: { $0.message.isTask }) else { return all }
        let tasks = if let known = open[row.instance] { known } else { try openTasks(of: instance) }
        open[row.instance] = tasks
        return all.filter { outbound in
            // The whole task: one that a rewind has handed out anew has the same number.
            if case .task(let message) = outbound.message { tasks[message.task.id] == message.task } else { true }
        }
    }

    private func children(dismissedBy instance: InstanceRow) throws(JournalError) -> Set<InstanceID> {
        var dismissed: Set<InstanceID> = []
        for record in try journal.history(of: instance) {
            guard case .messageSent(let message) = record.event, case .terminate = message.action else { continue }
            dismissed.insert(message.to)
        }
        return dismissed
    }

    private func openTasks(of instance: InstanceRow) throws(JournalError) -> [TaskID: ScheduledTask] {
        guard !instance.runtimeStatus.isEnded, !instance.id.isEntity else { return [:] }
        return OpenWork(of: try journal.history(of: instance)).tasks
    }
}

extension [Outbound] {
    /// The numbers of those that are status messages.
    fileprivate var statuses: [OutboundNumber] {
        compactMap { outbound in if case .status = outbound.message { outbound.number } else { nil } }
    }
}

extension Outbound.Message {
    fileprivate mutating func askAgain() {
        guard case .command(var command) = self else { return }
        command.asksAgain = true
        self = .command(command)
    }

    fileprivate var isTask: Bool { if case .task = self { true } else { false } }

    /// The sub-orchestration that it starts.
    fileprivate var child: InstanceID? {
        guard case .command(let command) = self, case .start(let request) = command.action, request.parent != nil else {
            return nil
        }
        return command.instance
    }
}
