import Logging
import Reprise
import RepriseKernel

extension Partition {
    // MARK: Results and timers

    func receive(_ result: TaskResult) throws(JournalError) {
        guard let instance = try instance(result.instance), instance.row.incarnation == result.token.incarnation,
            !instance.row.runtimeStatus.isEnded
        else { return drop() }
        let failure = setAside(instance.row.id)
        if failure == nil { try wake(instance) } else { try fold(instance) }
        guard let task = instance.open?.task(for: result.token), !instance.hasPendingResult(for: task.id) else {
            return drop()
        }
        let event: HistoryEvent =
            switch result.outcome {
            case .completed(let payload): .taskCompleted(task.id, result: payload)
            case .failed(let failure): .taskFailed(task.id, failure)
            }
        if let failure {
            // Kept all the same: a rewind then need not have the task done once more.
            append(event, to: instance)
            return end(instance, .executionFailed(failure), as: .failed)
        }
        try offer(event, to: instance)
    }

    /// A duplicate, or the late result of a task nobody waits for: counted, so that somebody can wonder.
    private func drop() {
        progress.droppedResults += 1
        draft.droppedResults += 1
    }

    func fireTimers() throws(JournalError) -> Effects {
        var effects = Effects()
        // Bounded, so that code which only ever waits for moments past does not hold the batch for ever.
        for _ in 0..<Self.timersPerBatch {
            guard let timer = timers.takeDue(at: now) else { break }
            do {
                guard let instance = try instance(key: timer.instance), !instance.row.runtimeStatus.isEnded else {
                    draft.timersCleared.append(timer)
                    continue
                }
                effects.add(try alone(instance.row.id) { () throws(JournalError) in try fire(timer, of: instance) })
            } catch {
                guard error.code == .damaged else { throw error }
                logger.error("A timer cannot fire: \(error.message)")
                draft.timersCleared.append(timer)
            }
        }
        return effects
    }

    private func fire(_ timer: TimerRow, of instance: LiveInstance) throws(JournalError) {
        try wake(instance)
        draft.timersCleared.append(timer)
        guard instance.open?.timers[timer.task] != nil else { return }
        try offer(.timerFired(timer.task), to: instance)
    }

    private static let timersPerBatch = 1_000

    // MARK: Waking an instance

    /// Brings an instance's open work and pending events into memory.
    func fold(_ instance: LiveInstance) throws(JournalError) {
        guard instance.open == nil else { return }
        instance.open = OpenWork(of: try history(of: instance) ?? [])
        instance.pending = try pending(of: instance)
    }

    /// Nil when it is damaged on disk, which is this instance's misfortune and no other's.
    func history(of instance: LiveInstance) throws(JournalError) -> [HistoryRecord]? {
        do {
            return try journal.history(last: instance.row.lastPosition)
        } catch {
            guard error.code == .damaged else { throw error }
            logger.error("\(error.message)", metadata: ["instance": "\(instance.row.id)"])
            return nil
        }
    }

    func pending(of instance: LiveInstance) throws(JournalError) -> [LiveInstance.PendingEvent] {
        var events: [LiveInstance.PendingEvent] = []
        for row in try journal.pending(of: instance.row.key) {
            do {
                for record in try HistoryCodec.decode(row.record) {
                    events.append(LiveInstance.PendingEvent(position: row.position, event: record.event))
                }
            } catch {
                throw JournalError(.damaged, "pending event \(row.position) of '\(instance.row.id)': \(error)")
            }
        }
        return events
    }

    /// Makes the orchestrator's code live: replays history where it is not in memory.
    ///
    /// Where the code no longer fits its history, this instance fails with the diagnosis. Where this node has no such
    /// orchestrator, the instance is left as it is, and what reaches it waits.
    func wake(_ instance: LiveInstance) throws(JournalError) {
        guard instance.session == nil, !instance.row.runtimeStatus.isEnded else { return }
        if let failure = setAside(instance.row.id) {
            try fold(instance)
            return end(instance, .executionFailed(failure), as: .failed)
        }
        guard let orchestrator = orchestrators[instance.row.name] else {
            logger.warning(
                "This node has no orchestrator '\(instance.row.name)': what reaches the instance waits until one has.",
                metadata: ["instance": "\(instance.row.id)"]
            )
            return try fold(instance)
        }
        guard let history = try history(of: instance) else {
            try fold(instance)
            let failure = Failure(
                type: Failure.Kind.damagedHistory,
                message: "the history of this instance is damaged on disk; the node's log says where",
                isNonRetriable: true
            )
            return end(instance, .executionFailed(failure), as: .failed)
        }
        let session = makeSession(for: instance.row, orchestrator)
        let steps = Replay.steps(of: history)
        if instance.open == nil { instance.pending = try pending(of: instance) }
        instance.open = OpenWork(after: steps)
        instance.session = session
        if let failure = replay(steps, in: session) {
            logger.error("\(failure.message)", metadata: ["instance": "\(instance.row.id)"])
            return end(instance, .executionFailed(failure), as: .failed)
        }
        // What waited for code that this node did not have, and has now.
        if instance.row.runtimeStatus != .suspended { try applyPending(to: instance) }
    }

    /// Takes the code through what history says of it; gives the first difference, if there is one.
    func replay(_ steps: [Replay.Step], in session: OrchestrationSession) -> Failure? {
        for step in steps {
            marker.enter(session.identity.instance)
            let turn = session.apply(step.record.event, at: step.record.time, replaying: true)
            marker.leave()
            if let failure = turn.problem ?? Replay.difference(after: step, decided: turn.decisions) { return failure }
        }
        return nil
    }

    func makeSession(for row: InstanceRow, _ orchestrator: RegisteredOrchestrator) -> OrchestrationSession {
        OrchestrationSession(
            identity: ExecutionIdentity(instance: row.id, name: row.name, incarnation: row.incarnation),
            orchestrator: orchestrator,
            limits: settings.limits,
            logger: logger
        )
    }

    // MARK: Applying events

    /// Applies an event now if the instance can take it, and else keeps it durably until it can.
    func offer(_ event: HistoryEvent, to instance: LiveInstance) throws(JournalError) {
        guard !instance.row.runtimeStatus.isEnded else { return }
        guard instance.row.runtimeStatus != .suspended, let session = instance.session else {
            return postpone(event, for: instance)
        }
        switch event {
        case .taskCompleted(let id, _), .taskFailed(let id, _):
            guard session.isAwaiting(id) else { return drop() }
        case .timerFired(let id):
            guard session.isAwaiting(id) else { return }
        case .eventRaised(let name, _):
            guard session.isAwaiting(event: name) else { return postpone(event, for: instance) }
        default: break
        }
        try apply(event, to: instance)
    }

    private func postpone(_ event: HistoryEvent, for instance: LiveInstance) {
        let position = progress.nextPending
        progress.nextPending += 1
        instance.pending.append(LiveInstance.PendingEvent(position: position, event: event))
        draft.pendingAdded.append(
            PendingRow(
                position: position,
                instance: instance.row.key,
                record: HistoryCodec.encode(CollectionOfOne(HistoryRecord(event, time: now)))
            )
        )
    }

    /// Applies what waits, oldest first, as far as the code takes it.
    func applyPending(to instance: LiveInstance) throws(JournalError) {
        while !instance.row.runtimeStatus.isEnded, let session = instance.session,
            let index = instance.pending.firstIndex(where: { isApplicable($0.event, session) })
        {
            let waiting = instance.pending.remove(at: index)
            removePending(waiting.position)
            switch waiting.event {
            case .taskCompleted(let id, _), .taskFailed(let id, _), .timerFired(let id):
                guard session.isAwaiting(id) else { continue }
            default: break
            }
            turn(waiting.event, of: instance)
        }
    }

    /// Events wait until the code waits for them; anything else is taken, or dropped as late.
    private func isApplicable(_ event: HistoryEvent, _ session: OrchestrationSession) -> Bool {
        if case .eventRaised(let name, _) = event { session.isAwaiting(event: name) } else { true }
    }

    private func removePending(_ position: Int64) {
        draft.pendingAdded.removeAll { $0.position == position }
        draft.pendingRemoved.append(position)
    }

    /// Applies one event, then whatever waited for what the code asks for next.
    func apply(_ event: HistoryEvent, to instance: LiveInstance) throws(JournalError) {
        turn(event, of: instance)
        try applyPending(to: instance)
    }

    /// One event, and the code's answer to it.
    private func turn(_ event: HistoryEvent, of instance: LiveInstance) {
        guard let session = instance.session else { return }
        append(event, to: instance)
        if let failure = setAside(instance.row.id) { return end(instance, .executionFailed(failure), as: .failed) }
        marker.enter(instance.row.id)
        let turn = session.apply(event, at: now, replaying: false)
        marker.leave()
        if let problem = turn.problem {
            logger.error("\(problem.message)", metadata: ["instance": "\(instance.row.id)"])
            return end(instance, .executionFailed(problem), as: .failed)
        }
        for decision in turn.decisions { record(decision, of: instance) }
    }

    private func record(_ decision: Decision, of instance: LiveInstance) {
        switch decision {
        case .scheduleTask(let id, let name, let input, let attempt, let first):
            let key =
                first == id ? ScheduledTask.keyToCome : instance.open?.failedKeys[first] ?? ScheduledTask.keyToCome
            let task = ScheduledTask(
                id: id,
                name: name,
                input: input,
                attempt: attempt,
                key: key,
                secret: environment.makeSecret()
            )
            append(.taskScheduled(task), to: instance)
        case .createTimer(let id, let fireAt):
            append(.timerCreated(id, fireAt: fireAt), to: instance)
            let timer = TimerRow(instance: instance.row.key, task: id, due: fireAt)
            timers.arm(timer)
            draft.timersSet.append(timer)
        case .cancelTimer(let id):
            if let due = instance.open?.timers[id] { disarm(id, due: due, of: instance) }
            append(.timerCanceled(id), to: instance)
        case .setCustomStatus(let status):
            append(.customStatusSet(status), to: instance)
        case .complete(let output):
            end(instance, .executionCompleted(output: output), as: .completed)
        case .fail(let failure):
            end(instance, .executionFailed(failure.bounded), as: .failed)
        }
    }

    /// The last event of an incarnation: its timers and whatever waited go with it.
    func end(_ instance: LiveInstance, _ event: HistoryEvent, as status: RuntimeStatus) {
        for (id, due) in (instance.open?.timers ?? [:]).sorted(by: { $0.key < $1.key }) {
            disarm(id, due: due, of: instance)
        }
        // Events that came early outlive a failure: once the execution is rewound, they may be waited for.
        for waiting in instance.pending where status != .failed || !waiting.event.isEarly {
            removePending(waiting.position)
        }
        instance.pending = []
        instance.row.runtimeStatus = status
        append(event, to: instance)
        evict(instance)
    }

    private func disarm(_ id: TaskID, due: Timestamp, of instance: LiveInstance) {
        timers.disarm(instance: instance.row.key, task: id)
        let timer = TimerRow(instance: instance.row.key, task: id, due: due)
        if let index = draft.timersSet.firstIndex(of: timer) {
            draft.timersSet.remove(at: index)
        } else {
            draft.timersCleared.append(timer)
        }
    }

    func append(_ event: HistoryEvent, to instance: LiveInstance) {
        var record = HistoryRecord(event, time: now)
        if event.isPublished {
            instance.row.version += 1
            record.version = instance.row.version
            instance.row.lastUpdatedTime = now
        }
        instance.open?.fold(event)
        instance.appended.append(record)
        if !instance.isTouched {
            instance.isTouched = true
            draft.touched.append(instance)
        }
    }
}

extension HistoryEvent {
    /// Whether observers are told of it.
    var isPublished: Bool {
        switch self {
        case .executionStarted, .customStatusSet, .executionCompleted, .executionFailed, .executionTerminated,
            .executionSuspended, .executionResumed, .executionRewound:
            true
        case .taskScheduled, .taskCompleted, .taskFailed, .timerCreated, .timerFired, .timerCanceled, .eventRaised:
            false
        }
    }
}

extension HistoryEvent {
    fileprivate var isEarly: Bool { if case .eventRaised = self { true } else { false } }
}

extension ScheduledTask {
    /// Stands for the outbound number that the commit is going to give.
    static let keyToCome: Int64 = 0
}
