/// What an execution still waits for, folded from its history.
package struct OpenWork: Equatable, Sendable {
    package private(set) var tasks: [TaskID: ScheduledTask] = [:]
    package private(set) var timers: [TaskID: Timestamp] = [:]
    /// The keys of attempts that failed: a further attempt keeps the key of the first one.
    package private(set) var failedKeys: [TaskID: TaskKey] = [:]
    /// How far earlier attempts of a call had got, by the call's key.
    private var progress: [TaskKey: Payload] = [:]
    /// Tasks that a worker has begun, as far as workers report it.
    package private(set) var started: Set<TaskID> = []
    /// The entities that each critical section has, by the task that asked for the lock.
    package private(set) var locked: [TaskID: [EntityID]] = [:]
    /// Which request each lock belongs to, when it is not the first.
    private var lockAttempts: [TaskID: Int] = [:]

    package init() {}

    /// What an execution with this history waits for.
    package init(of history: [HistoryRecord]) {
        self.init(after: Replay.steps(of: history))
    }

    package init(after steps: [Replay.Step]) {
        for step in steps {
            fold(step.record.event)
            for decision in step.decisions { fold(decision) }
        }
    }

    package mutating func fold(_ event: HistoryEvent) {
        switch event {
        case .taskScheduled(let task):
            tasks[task.id] = task
            // Handed out again, it has not begun yet.
            started.remove(task.id)
            if case .lock = task.target, task.attempt != 1 { lockAttempts[task.id] = task.attempt }
        case .taskStarted(let id):
            if isRegaining(id) { tasks[id] = nil } else { started.insert(id) }
        case .taskProgressed(let id, let reported):
            if let task = tasks[id] { progress[task.key] = reported }
        case .taskCompleted(let id, _):
            if let key = tasks[id]?.key { progress[key] = nil }
            if case .lock(let entities)? = tasks.removeValue(forKey: id)?.target { locked[id] = entities }
            started.remove(id)
        case .taskFailed(let id, _):
            started.remove(id)
            if let task = tasks.removeValue(forKey: id) { failedKeys[id] = task.key }
        case .timerCreated(let id, let fireAt): timers[id] = fireAt
        case .timerFired(let id), .timerCanceled(let id): timers[id] = nil
        case .taskAbandoned(let id): tasks[id] = nil
        case .messageSent(let message):
            guard case .operate(let request) = message.action, case .unlock = request.kind,
                let section = request.section?.lock.task, let entity = message.to.entity
            else { break }
            locked[section]?.removeAll { $0 == entity }
            if locked[section]?.isEmpty == true { locked[section] = nil }
        case .cancelRequested: stopWaiting()
        case .executionTerminated, .executionCompleted, .executionFailed, .executionCanceled, .executionContinued:
            self = OpenWork()
        case .executionScheduled, .executionStarted, .eventRaised, .customStatusSet, .executionSuspended,
            .executionResumed, .executionRewound, .parentNotified, .parentAddressed, .entityRequested, .entityAnswered,
            .entityStored:
            // What a rewind brings back cannot be told from the event alone: ``init(of:)`` can.
            break
        }
    }

    /// The code waits for nothing any more. What it has locked stays locked.
    private mutating func stopWaiting() {
        tasks = [:]
        timers = [:]
        started = []
    }

    /// What the last attempt of a call that reported anything has reported last.
    package func progress(of call: TaskKey) -> Payload? { progress[call] }

    /// The current number of a lock.
    package func lock(_ task: TaskID) -> LockNumber { LockNumber(task, attempt: lockAttempts[task] ?? 1) }

    /// Whether a critical section that the code is in is waiting to regain its entities after a rewind.
    package func isRegaining(_ lock: TaskID) -> Bool { tasks[lock] != nil && locked[lock] != nil }

    /// While one does, the code receives nothing.
    package var isRegaining: Bool { locked.keys.contains { tasks[$0] != nil } }

    /// Whether the code has the lock that this token names, or waits for it.
    package func wants(_ token: TaskToken) -> Bool {
        guard let task = tasks[token.task] else {
            return locked[token.task] != nil && lock(token.task).attempt == token.attempt
        }
        guard case .lock = task.target else { return false }
        return task.attempt == token.attempt
    }

    /// The task a token names, if it is still open and the token was given for it.
    package func task(for token: TaskToken) -> ScheduledTask? {
        guard let task = tasks[token.task], task.secret == token.secret, task.attempt == token.attempt else {
            return nil
        }
        return task
    }
}
