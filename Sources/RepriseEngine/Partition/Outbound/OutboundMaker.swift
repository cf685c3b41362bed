import RepriseKernel

/// Makes messages of what was decided, each time the same: so a message is never stored twice, it is read off its history row.
struct OutboundMaker {
    let identity: JournalIdentity
    /// The ownership under which they are sent.
    let epoch: Epoch

    /// The messages that a history row holds, with their numbers.
    func messages(of instance: InstanceRow, _ records: [HistoryRecord], _ row: HistoryRow) -> [Outbound] {
        var number = row.firstOutbound
        var sequence = row.firstSequence
        var outcome: TaskResult.Outcome?
        var messages: [Outbound] = []
        for record in records {
            outcome = record.event.outcome ?? outcome
            guard record.isOutbound else { continue }
            if let message = message(of: record, instance, sequence: sequence, number: number, outcome) {
                messages.append(Outbound(number: number, epoch: epoch, message: message))
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
        if let version = record.version, let change = record.event.statusChange {
            return .status(
                StatusMessage(
                    kind: change.kind,
                    instance: instance.id,
                    name: instance.name,
                    incarnation: instance.incarnation,
                    version: version,
                    partition: identity.partition,
                    sequence: sequence,
                    epoch: epoch,
                    time: record.time,
                    createdTime: instance.createdTime,
                    payload: change.payload,
                    failure: change.failure,
                    traits: change.traits
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
        let address = instance.address(of: task)
        switch task.target {
        case .activity:
            return .task(TaskMessage(instance: instance.id, incarnation: instance.incarnation, task: task))
        case .orchestration(let child, let version, let tags, let takesUp, _):
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
                section: section.map(instance.section)
            )
            return command(.operate(request), to: entity.instance, messageID: messageID(of: task, number))
        case .lock(let entities):
            let request = EntityRequest(
                .lock(entities),
                caller: address,
                section: instance.section(LockNumber(task.id, attempt: task.attempt))
            )
            return command(.operate(request), to: entities[0].instance, messageID: messageID(of: task, number))
        }
    }

    /// What code sends has a key derived from the code: a step that a rewind has repeated sends the same again, and the
    /// receiver recognizes the repeat.
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

    /// The attempt has its own secret; the key's life may be an earlier one, from before the journal was copied.
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

    /// A message that no history holds.
    func message(_ number: OutboundNumber, _ message: InlineMessage) -> Outbound {
        switch message {
        case .command(let instance, let action, let life):
            Outbound(
                number: number,
                epoch: epoch,
                message: command(action, to: instance, messageID: messageID(number, life: life))
            )
        case .result(let result):
            Outbound(number: number, epoch: epoch, message: .result(result))
        case .deadLetter(let letter):
            Outbound(number: number, epoch: epoch, message: .deadLetter(letter))
        case .purged(let notice):
            Outbound(
                number: number,
                epoch: epoch,
                message: .status(
                    StatusMessage(
                        kind: .purged,
                        instance: notice.instance,
                        name: notice.name,
                        incarnation: notice.incarnation,
                        version: notice.version,
                        partition: identity.partition,
                        sequence: notice.sequence,
                        epoch: epoch,
                        time: notice.time,
                        createdTime: notice.createdTime,
                        payload: .null
                    )
                )
            )
        }
    }

    /// As the journal has it.
    func message(_ number: OutboundNumber, _ bytes: [UInt8]) throws(JournalError) -> Outbound {
        do {
            return message(number, try InlineCodec.decode(bytes))
        } catch {
            throw JournalError(.damaged, "outbound message \(number): \(error)")
        }
    }
}

extension InstanceRow {
    /// Where the result of a task of its own goes.
    func address(of task: ScheduledTask) -> TaskAddress {
        TaskAddress(
            instance: id,
            token: TaskToken(incarnation: incarnation, task: task.id, attempt: task.attempt, secret: task.secret)
        )
    }

    func section(_ lock: LockNumber) -> CriticalSection {
        CriticalSection(instance: id, incarnation: incarnation, lock: lock)
    }
}
