import Logging
import Reprise
import RepriseKernel

extension Partition {
    // MARK: Results

    func receive(_ result: TaskResult) throws(JournalError) {
        if case .started = result.outcome { return try receive(startOf: result) }
        guard let instance = try instance(result.instance), instance.row.incarnation == result.token.incarnation,
            !instance.row.runtimeStatus.isEnded
        else { return drop(result) }
        let failure = quarantined(instance.row.id)
        if failure == nil { try activate(instance) } else { try fold(instance) }
        guard let task = instance.open?.task(for: result.token) else {
            // A lock that it has, or still waits for: not to be given back.
            return instance.open?.wants(result.token) == true ? drop() : drop(result)
        }
        // The same once more: what it grants is not to be given back.
        guard !instance.hasPendingResult(for: task.id) else { return drop() }
        if instance.open?.isRegaining(task.id) == true { return try regain(task, result.outcome, of: instance) }
        disarmTimeouts(of: task.id, instance)
        let event: HistoryEvent =
            switch result.outcome {
            case .completed(let payload): .taskCompleted(task.id, result: payload)
            case .failed(let failure): .taskFailed(task.id, failure)
            case .granted(let entities): .taskCompleted(task.id, result: .strings(entities.map(\.description)))
            case .started: .taskStarted(task.id)
            }
        if let failure {
            // Kept all the same: a rewind then need not have the task done once more.
            append(event, to: instance)
            return endQuarantined(instance, failure)
        }
        try deliverOrKeep(event, to: instance)
    }

    /// A worker begins a task, or asks before it does so whether anybody waits for it: it is told when nobody does.
    private func receive(startOf result: TaskResult) throws(JournalError) {
        guard let task = try openTask(of: result) else {
            let address = TaskAddress(instance: result.instance, token: result.token)
            batch.withdrawn.append(WithdrawnTask(activity: nil, address: address, reason: "nobody waits for it"))
            return
        }
        noteStarted(task.scheduled, of: task.instance)
    }

    private func openTask(of result: TaskResult) throws(JournalError) -> (
        scheduled: ScheduledTask, instance: LiveInstance
    )? {
        guard let instance = try instance(result.instance), instance.row.incarnation == result.token.incarnation,
            !instance.row.runtimeStatus.isEnded
        else { return nil }
        try fold(instance)
        guard let task = instance.open?.task(for: result.token), !instance.hasPendingResult(for: task.id) else {
            return nil
        }
        return (task, instance)
    }

    /// A result that nobody waits for; a lock in it must not stay locked.
    private func drop(_ result: TaskResult) {
        if case .granted(let entities) = result.outcome { giveBack(entities, result) }
        drop()
    }

    /// A duplicate, or the late result of a task nobody waits for: counted, so that somebody can wonder.
    private func drop() {
        head.droppedResults += 1
        batch.isNeeded = true
    }

    // MARK: Waking an instance

    /// Brings an instance's open work and pending events into memory.
    func fold(_ instance: LiveInstance) throws(JournalError) {
        guard instance.open == nil else { return }
        try fold(instance, try history(of: instance) ?? [])
    }

    private func fold(_ instance: LiveInstance, _ history: [HistoryRecord]) throws(JournalError) {
        restoreFacts(history, of: instance)
        instance.open = OpenWork(of: history)
        instance.pending = PendingEvents(try pending(of: instance))
    }

    /// What history says besides how the code got where it is.
    private func restoreFacts(_ history: [HistoryRecord], of instance: LiveInstance) {
        instance.eventCount = history.count
        for record in history {
            switch record.event {
            case .executionStarted(let start): instance.beginning = start
            case .parentAddressed(let address): instance.addressed = address
            // It may have been suspended and resumed since.
            case .executionContinued(let next): instance.upcoming = next
            default: break
            }
        }
        // Also over a start that was recorded later: its words are older.
        if let address = instance.addressed { instance.address(address) }
    }

    /// Nil when it is damaged on disk, which is this instance's misfortune and no other's.
    func history(of instance: LiveInstance) throws(JournalError) -> [HistoryRecord]? {
        do {
            return try journal.history(of: instance.row)
        } catch {
            guard error.code == .damaged else { throw error }
            logger.error("\(error.message)", metadata: ["instance": "\(instance.row.id)"])
            return nil
        }
    }

    func pending(of instance: LiveInstance) throws(JournalError) -> [PendingEvent] {
        var events: [PendingEvent] = []
        for row in try journal.pending(of: instance.row.key) {
            do {
                for record in try HistoryCodec.decode(row.record) {
                    events.append(
                        PendingEvent(
                            position: row.position,
                            event: record.event,
                            size: row.record.count
                        )
                    )
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
    func activate(_ instance: LiveInstance) throws(JournalError) {
        guard instance.session == nil, !instance.row.runtimeStatus.isEnded else { return }
        if let failure = quarantined(instance.row.id) {
            try fold(instance)
            return endQuarantined(instance, failure)
        }
        guard let orchestrator = orchestrators[instance.row.name] else {
            logger.warning(
                "This node has no orchestrator '\(instance.row.name)': what reaches the instance waits until one has.",
                metadata: ["instance": "\(instance.row.id)"]
            )
            try fold(instance)
            if let next = instance.upcoming, instance.row.runtimeStatus != .suspended { putOff(next, of: instance) }
            return
        }
        if instance.upcoming != nil { return try beginUpcoming(instance) }
        guard let history = try history(of: instance) else {
            try fold(instance)
            let failure = Failure(
                type: Failure.Kind.damagedHistory,
                message: "the history of this instance is damaged on disk; the node's log says where",
                isNonRetriable: true
            )
            return end(instance, .executionFailed(failure), as: .failed)
        }
        if instance.open == nil { try fold(instance, history) }
        if instance.upcoming != nil { return try beginUpcoming(instance) }
        if let refusal = settings.versions.refusal(of: try beginning(of: instance)?.traits.version) {
            if settings.versions.mismatch == .fail { return end(instance, .executionFailed(refusal), as: .failed) }
            return logger.notice("\(refusal.message): it waits.", metadata: ["instance": "\(instance.row.id)"])
        }
        let session = makeSession(for: instance.row, orchestrator)
        let steps = Replay.steps(of: history)
        instance.open = OpenWork(after: steps)
        instance.session = session
        let began = environment.steadyClock()
        let failure = replay(steps, of: instance.row, in: session)
        let took = environment.steadyClock() - began
        observe { $0.replayed(events: history.count, took: took) }
        if let failure {
            logger.error("\(failure.message)", metadata: ["instance": "\(instance.row.id)"])
            return end(instance, .executionFailed(failure), as: .failed)
        }
        // What waited for code that this node did not have, and has now.
        if instance.row.runtimeStatus != .suspended { try applyPending(to: instance) }
    }

    /// A generation that was decided and has not begun; while suspended it does not.
    private func beginUpcoming(_ instance: LiveInstance) throws(JournalError) {
        guard let next = instance.upcoming, instance.row.runtimeStatus != .suspended else { return }
        guard let refusal = settings.versions.refusal(of: next.traits.version) else {
            return try beginGeneration(next, of: instance)
        }
        if settings.versions.mismatch == .fail { return end(instance, .executionFailed(refusal), as: .failed) }
        logger.notice("\(refusal.message): it waits.", metadata: ["instance": "\(instance.row.id)"])
        putOff(next, of: instance)
    }

    /// What waits is looked at when the partition is taken, perhaps by a node that has its code. Its timer has fired.
    private func putOff(_ next: ExecutionStart, of instance: LiveInstance) {
        if !instance.pending.contains(where: \.event.isStart) { postpone(.executionStarted(next), for: instance) }
    }

    /// Takes the code through what history says of it; gives the first difference, if there is one.
    func replay(_ steps: [Replay.Step], of row: InstanceRow, in session: any Execution) -> Failure? {
        var changed: Replay.ChangedInput?
        for step in steps {
            marker.enter(session.identity.instance)
            let turn = session.replay(step)
            marker.leave()
            if let problem = turn.problem { return problem }
            if let difference = Replay.difference(after: step, decided: turn.decisions) { return difference.failure }
            guard settings.replayInputs != .ignore, changed == nil else { continue }
            changed = Replay.changedInput(after: step, decided: turn.decisions)
            if let changed, settings.replayInputs == .fail { return changed.failure }
        }
        if let changed, changedInputs.note(row.key) {
            logger.warning(
                """
                \(changed.message). It goes on with what history has. If its code was not changed on purpose, it depends \
                on something outside the context, and its output may be wrong.
                """,
                metadata: ["instance": "\(row.id)", "orchestrator": "\(row.name)"]
            )
        }
        return nil
    }

    func makeSession(for row: InstanceRow, _ orchestrator: RegisteredOrchestrator) -> any Execution {
        OrchestrationSession(
            identity: ExecutionIdentity(instance: row.id, name: row.name, incarnation: row.incarnation),
            orchestrator: orchestrator,
            limits: settings.limits,
            logger: logger
        )
    }

    // MARK: Applying events

    /// Applies an event now if the instance can take it, and else keeps it durably until it can.
    func deliverOrKeep(_ event: HistoryEvent, to instance: LiveInstance) throws(JournalError) {
        guard !instance.row.runtimeStatus.isEnded else { return }
        guard instance.row.runtimeStatus != .suspended, instance.open?.isRegaining != true,
            let session = instance.session
        else { return postpone(event, for: instance) }
        switch event {
        case .taskCompleted(let id, _), .taskFailed(let id, _):
            guard session.isAwaiting(id) else { return dropUnawaited(id, event, of: instance) }
        case .timerFired(let id):
            guard session.isAwaiting(id) else { return }
        case .eventRaised(let name, _):
            guard session.isAwaiting(event: name) else { return postpone(event, for: instance) }
        default: break
        }
        try apply(event, to: instance)
    }

    /// The code has turned away from it: a loser of a race, or a critical section that was given up.
    private func dropUnawaited(_ id: TaskID, _ event: HistoryEvent, of instance: LiveInstance) {
        if let open = instance.open, case .lock(let entities)? = open.tasks[id]?.target, case .taskCompleted = event {
            unlock(entities, id, open, instance)
        }
        drop()
    }

    func postpone(_ event: HistoryEvent, for instance: LiveInstance) {
        let position = head.nextPending
        head.nextPending += 1
        let record = HistoryCodec.encode(CollectionOfOne(HistoryRecord(event, time: now)))
        instance.pending.append(
            PendingEvent(position: position, event: event, size: record.count)
        )
        pending.add(PendingRow(position: position, instance: instance.row.key, record: record))
    }

    /// Applies what waits, oldest first, as far as the code takes it.
    func applyPending(to instance: LiveInstance) throws(JournalError) {
        while !instance.row.runtimeStatus.isEnded, instance.open?.isRegaining != true, let session = instance.session,
            let index = instance.pending.firstIndex(where: { isApplicable($0.event, session) })
        {
            let waiting = instance.pending.remove(at: index)
            pending.remove(waiting.position)
            switch waiting.event {
            case .taskCompleted(let id, _), .taskFailed(let id, _):
                guard session.isAwaiting(id) else {
                    dropUnawaited(id, waiting.event, of: instance)
                    continue
                }
            case .timerFired(let id):
                guard session.isAwaiting(id) else { continue }
            default: break
            }
            try turn(waiting.event, of: instance)
        }
    }

    /// Events wait until the code waits for them; anything else is taken, or dropped as late.
    private func isApplicable(_ event: HistoryEvent, _ session: any Execution) -> Bool {
        if case .eventRaised(let name, _) = event { session.isAwaiting(event: name) } else { true }
    }

    /// Applies one event, then whatever waited for what the code asks for next.
    func apply(_ event: HistoryEvent, to instance: LiveInstance) throws(JournalError) {
        try turn(event, of: instance)
        try applyPending(to: instance)
    }

    /// One event, and the code's answer to it.
    private func turn(_ event: HistoryEvent, of instance: LiveInstance) throws(JournalError) {
        guard let session = instance.session else { return }
        var event = event
        if case .executionStarted(var start) = event {
            start.parent = instance.addressed ?? start.parent
            event = .executionStarted(start)
            instance.beginning = start
            instance.row.runtimeStatus = .running
        }
        append(event, to: instance)
        if case .executionStarted(let start) = event { announceStatus(of: start, instance) }
        if let failure = quarantined(instance.row.id) { return endQuarantined(instance, failure) }
        marker.enter(instance.row.id)
        let turn = session.apply(event, at: now, replaying: false)
        marker.leave()
        if let problem = turn.problem {
            logger.error("\(problem.message)", metadata: ["instance": "\(instance.row.id)"])
            return end(instance, .executionFailed(problem), as: .failed)
        }
        guard instance.eventCount + turn.decisions.count <= settings.limits.historyEvents else {
            return end(instance, .executionFailed(tooLong(instance)), as: .failed)
        }
        for decision in turn.decisions { try record(decision, of: instance) }
    }

    private func tooLong(_ instance: LiveInstance) -> Failure {
        Failure(
            type: Failure.Kind.historyTooLong,
            message: "the history of this execution would have more than \(settings.limits.historyEvents) events",
            details: """
                An orchestration that runs for ever continues as new now and then; one that fans out to very many tasks \
                calls sub-orchestrations that each have a share of them.
                """,
            isNonRetriable: true
        )
    }

    private func record(_ decision: Decision, of instance: LiveInstance) throws(JournalError) {
        switch decision {
        case .scheduleTask(let request):
            let first = request.firstAttempt
            let key =
                first == request.id
                ? ScheduledTask.keyToCome : instance.open?.failedKeys[first] ?? ScheduledTask.keyToCome
            let task = ScheduledTask(
                id: request.id,
                name: request.name,
                input: request.input,
                target: request.target,
                timeouts: request.timeouts,
                attempt: request.attempt,
                key: key,
                secret: environment.makeSecret()
            )
            append(.taskScheduled(numbered(task, instance)), to: instance)
            armTimeouts(of: task, instance)
        case .createTimer(let id, let fireAt):
            append(.timerCreated(id, fireAt: fireAt), to: instance)
            arm(.task(id), due: fireAt, of: instance)
        case .cancelTimer(let id):
            disarm(.task(id), of: instance)
            append(.timerCanceled(id), to: instance)
        case .send(let message):
            append(.messageSent(numbered(message, instance)), to: instance)
        case .setCustomStatus(let status):
            append(.customStatusSet(status), to: instance)
        case .complete(let output):
            end(instance, .executionCompleted(output: output), as: .completed)
        case .fail(let failure):
            end(instance, .executionFailed(failure.bounded), as: .failed)
        case .continueAsNew(let input, let keepsEvents, let version):
            try continueAsNew(instance, input: input, keepsEvents: keepsEvents, version: version)
        }
    }

    /// The last event of an incarnation: its timers and whatever waited go with it.
    func end(_ instance: LiveInstance, _ event: HistoryEvent, as status: RuntimeStatus) {
        disarmAll(of: instance)
        releaseLocks(of: instance)
        instance.upcoming = nil
        // Events that came early outlive a failure: once the execution is rewound, they may be waited for.
        for waiting in instance.pending where status != .failed || !waiting.event.isEarly {
            pending.remove(waiting.position)
        }
        instance.pending = PendingEvents()
        instance.row.runtimeStatus = status
        append(event, to: instance)
        if let parent = instance.addressed ?? instance.beginning?.parent ?? upcomingParent(of: instance) {
            append(.parentNotified(parent), to: instance)
        }
        evict(instance)
    }

    /// Whoever waits for an instance that ends before it has begun, or whose history cannot be read.
    private func upcomingParent(of instance: LiveInstance) -> TaskAddress? {
        do {
            return try beginning(of: instance)?.parent
        } catch {
            logger.error(
                "Nobody can be told of the end: \(error.message)",
                metadata: ["instance": "\(instance.row.id)"]
            )
            return nil
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
        instance.eventCount += 1
        live.touch(instance)
    }
}

extension ScheduledTask {
    /// Stands for the outbound number that the commit is going to give.
    static let keyToCome: TaskKey = 0
}
