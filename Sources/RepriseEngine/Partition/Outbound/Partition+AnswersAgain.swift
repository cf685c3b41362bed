import Logging
import RepriseKernel

/// Answers that were given and then lost with the broker: the message that asks for one comes again.
extension Partition {
    /// A message that was processed before and comes again because its sender has no answer: the answer may have been
    /// lost.
    func answerAgain(_ command: Command) throws(JournalError) {
        guard command.isInternal, command.asksAgain else { return }
        switch command.action {
        case .start(let request):
            guard let parent = request.parent else { return }
            guard let child = try instance(command.instance),
                try beginning(of: child)?.parent?.isSameTask(as: parent) == true
            else {
                let what = "the sub-orchestration '\(command.instance)'"
                return try lose(parent, "\(what) was refused, or has ended and is purged")
            }
            guard child.row.runtimeStatus.isEnded, let outcome = try journal.outcome(of: child.row) else { return }
            give(outcome, to: parent)
        case .operate(let request):
            guard let caller = request.caller else { return }
            if case .lock = request.kind { return try grantAgain(request, as: command) }
            try answerAgain(caller, from: command.instance)
        default: return
        }
    }

    private func answerAgain(_ caller: TaskAddress, from id: InstanceID) throws(JournalError) {
        if let instance = try instance(id) {
            // Loads it, and what waits for it.
            _ = try section(of: instance)
            let isInLine = instance.pending.contains { waiting in
                if case .entityRequested(let request) = waiting.event { request.caller == caller } else { false }
            }
            if isInLine { return }
            let said = try journal.historyRow(at: instance.row.lastPosition).map { row throws(JournalError) in
                try row.decoded()
            }
            for record in (said ?? []) + instance.former.flatMap(\.records) + instance.appended {
                guard case .entityAnswered(caller, let outcome) = record.event else { continue }
                return give(outcome, to: caller)
            }
        }
        try lose(caller, "the entity '\(id)' has refused it, or has performed it and others since")
    }

    /// The holder of the lock passes the request on or grants it again.
    private func grantAgain(_ request: EntityRequest, as command: Command) throws(JournalError) {
        let id = command.instance
        guard let refusal = try operate(request, on: id), let caller = request.caller else { return }
        logger.warning("A lock cannot be requested again: \(refusal.reason)", metadata: ["entity": "\(id)"])
        // An entity that has granted it, or has it queued, hears of it from a node that serves the entity.
        if let instance = try instance(id), try has(request, instance) { return }
        if try !isAnswerUnderWay(to: caller) { _ = answerCaller(of: command, refusal) }
    }

    /// Reports that the answer no longer exists, unless it is still on its way: for example in the retry table.
    private func lose(_ caller: TaskAddress, _ why: String) throws(JournalError) {
        guard try !isAnswerUnderWay(to: caller) else { return }
        let message = "its answer was lost with the broker, and cannot be sent again: \(why)"
        give(.failed(Failure(type: Failure.Kind.answerLost, message: message, isNonRetriable: true)), to: caller)
    }

    private func isAnswerUnderWay(to caller: TaskAddress) throws(JournalError) -> Bool {
        if batch.isAnswered(caller) { return true }
        return try answersUnderWay().contains(caller)
    }

    /// The callers whose answers wait in the retry table, or are unconfirmed. Reads the table once per batch, and only
    /// the rows themselves, since nearly all of them are tasks.
    private func answersUnderWay() throws(JournalError) -> Set<TaskAddress> {
        if let known = batch.answersUnderWay { return known }
        let waiting = retries.all.map { (number: $0.number, position: $0.position) } + outbox.unsettledWork
        var found: Set<TaskAddress> = []
        for (position, numbers) in Dictionary(grouping: waiting, by: \.position) {
            do {
                found.formUnion(try answers(at: position, numbers.map(\.number)))
            } catch {
                // The problem of one instance; it cannot be sent.
                guard error.code == .damaged else { throw error }
            }
        }
        batch.noteUnderWay(found)
        return found
    }

    private func answers(at position: HistoryPosition, _ numbers: [OutboundNumber]) throws(JournalError)
        -> [TaskAddress]
    {
        if position == 0 {
            var found: [TaskAddress] = []
            for number in numbers {
                guard let bytes = inline[number] else { continue }
                guard case .result(let result) = try maker.message(number, bytes).message else { continue }
                found.append(TaskAddress(instance: result.instance, token: result.token))
            }
            return found
        }
        guard let row = try journal.historyRow(at: position) else { return [] }
        let wanted = Set(numbers)
        var number = row.firstOutbound
        var found: [TaskAddress] = []
        for record in try row.decoded() where record.isOutbound {
            switch record.event {
            case .parentNotified(let address), .entityAnswered(let address, _):
                if wanted.contains(number) { found.append(address) }
            default: break
            }
            number += 1
        }
        return found
    }

    func give(_ outcome: TaskResult.Outcome, to caller: TaskAddress) {
        inline.send(.result(TaskResult(instance: caller.instance, token: caller.token, outcome: outcome)))
        batch.noteAnswer(to: caller)
    }

    /// A locked entity offers the lock to its holder: if that is gone, and its release was lost, the lock comes back.
    func askHolder(of instance: LiveInstance) throws(JournalError) -> Bool {
        guard let section = try self.section(of: instance), let entity = instance.row.id.entity else { return false }
        let token = TaskToken(
            incarnation: section.incarnation,
            task: section.lock.task,
            attempt: section.lock.attempt,
            secret: TaskSecret(high: 0, low: 0)
        )
        give(.granted([entity]), to: TaskAddress(instance: section.instance, token: token))
        return true
    }
}
