import Reprise
import RepriseKernel

/// Locks, from the side of the orchestration that holds them.
///
/// ```
///  withLock ── lock (1) ──► a ──► b ── granted ──► the body runs │ it fails: unlock (1) ──► a, b
///  rewound  ── lock (2) ──► a ──► b ── granted ──► the body goes on with what had waited
/// ```
///
/// The rewound code is already in its critical section and does not see the second lock; until that is granted, it
/// receives nothing at all.
extension Partition {
    // MARK: Asking again

    /// Asks for the locks of the critical sections that a rewound execution is in.
    func lockAgain(_ open: OpenWork, _ instance: LiveInstance) {
        for (id, entities) in open.locked.sorted(by: { $0.key < $1.key }) {
            let task = ScheduledTask(
                id: id,
                name: "lock",
                input: .null,
                target: .lock(entities),
                attempt: open.lock(id).attempt + 1,
                key: ScheduledTask.keyToCome,
                secret: environment.makeSecret()
            )
            append(.taskScheduled(task), to: instance)
        }
    }

    /// A critical section has its entities again, or never will.
    func regain(_ lock: ScheduledTask, _ outcome: TaskResult.Outcome, of instance: LiveInstance) throws(JournalError) {
        if case .failed(let failure) = outcome { return end(instance, .executionFailed(failure.bounded), as: .failed) }
        append(.taskStarted(lock.id), to: instance)
        if let failure = quarantined(instance.row.id) { return endQuarantined(instance, failure) }
        guard let open = instance.open else { return }
        for (id, task) in open.tasks.sorted(by: { $0.key < $1.key })
        where task.section?.task == lock.id && !instance.hasPendingResult(for: id) {
            var task = numbered(task, instance)
            task.key = ScheduledTask.keyToCome
            task.secret = environment.makeSecret()
            append(.taskScheduled(task), to: instance)
        }
        if instance.row.runtimeStatus != .suspended { try applyPending(to: instance) }
    }

    /// The task with the number of the lock it needs: code knows the lock only by its task.
    func numbered(_ task: ScheduledTask, _ instance: LiveInstance) -> ScheduledTask {
        guard case .entity(let entity, let section?) = task.target, let open = instance.open else { return task }
        var task = task
        task.target = .entity(entity, section: open.lock(section.task))
        return task
    }

    /// Like ``numbered(_:_:)``, for what releases a lock.
    func numbered(_ message: SentMessage, _ instance: LiveInstance) -> SentMessage {
        guard case .operate(var request) = message.action, case .unlock = request.kind, let open = instance.open else {
            return message
        }
        var message = message
        request.section = request.section.map { section($0.lock.task, open, instance) }
        message.action = .operate(request)
        return message
    }

    private func section(_ task: TaskID, _ open: OpenWork, _ instance: LiveInstance) -> CriticalSection {
        instance.row.section(open.lock(task))
    }

    // MARK: Letting go

    /// Whatever an execution has locked, or has asked to lock, is released when it ends.
    func releaseLocks(of instance: LiveInstance) {
        guard let open = instance.open else { return }
        var locks = open.locked
        for (id, task) in open.tasks {
            if case .lock(let entities) = task.target { locks[id] = entities }
        }
        for (id, entities) in locks.sorted(by: { $0.key < $1.key }) { unlock(entities, id, open, instance) }
    }

    /// Whether or not the code has the lock, it no longer wants it.
    func unlock(_ entities: [EntityID], _ task: TaskID, _ open: OpenWork, _ instance: LiveInstance) {
        let request = EntityRequest(.unlock, section: section(task, open, instance))
        for entity in entities { send(.operate(request), to: entity.instance, from: instance) }
    }

    /// A lock was granted to an execution that is gone, or no longer wants it.
    func giveBack(_ entities: [EntityID], _ result: TaskResult) {
        let section = CriticalSection(
            instance: result.instance,
            incarnation: result.token.incarnation,
            lock: LockNumber(result.token.task, attempt: result.token.attempt)
        )
        for entity in entities {
            inline.send(.command(entity.instance, .operate(EntityRequest(.unlock, section: section))))
        }
    }
}

extension ScheduledTask {
    /// The lock without which it must not be done.
    var section: LockNumber? { if case .entity(_, let section) = target { section } else { nil } }
}
