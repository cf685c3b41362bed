import Logging
import RepriseKernel

extension Partition {
    func fireTimers() throws(JournalError) -> Effects {
        var effects = Effects()
        // Bounded, so that code which only ever waits for moments past does not hold the batch for ever.
        for _ in 0..<Self.timersPerBatch {
            guard let timer = timers.takeDue(at: now) else { break }
            do {
                guard case .instance(let key, let purpose) = timer.subject else {
                    timers.clear(timer)
                    if case .resending(let course) = timer.subject { try goOn(course) }
                    continue
                }
                guard let instance = try instance(key: key), !instance.row.runtimeStatus.isEnded else {
                    timers.clear(timer)
                    continue
                }
                effects.add(
                    try inOwnCommit(instance.row.id, isSuspect: suspicion.takeTimer(timer.due)) {
                        () throws(JournalError) in
                        timers.clear(timer)
                        try fire(purpose, of: instance)
                    }
                )
            } catch {
                guard error.code == .damaged else { throw error }
                logger.error("A timer cannot fire: \(error.message)")
                timers.clear(timer)
            }
        }
        return effects
    }

    private static let timersPerBatch = 1_000

    private func fire(_ purpose: TimerPurpose, of instance: LiveInstance) throws(JournalError) {
        if instance.row.id.isEntity, let signal = purpose.signal { return try fireSignal(at: signal, of: instance) }
        switch purpose {
        case .task(let id):
            try activate(instance)
            guard instance.open?.timers[id] != nil else { return }
            try deliverOrKeep(.timerFired(id), to: instance)
        case .begin(let generation):
            guard generation > 0 else { return try beginScheduled(instance) }
            // Waking begins it, unless the instance is suspended: then resuming does.
            try activate(instance)
        case .scheduleToStart(let id):
            try expire(id, of: instance, Failure.Kind.scheduleToStart) { "no worker of '\($0)' began within \($1)" }
        case .startToClose(let id):
            try expire(id, of: instance, Failure.Kind.startToClose) {
                "the worker of '\($0)' did not answer within \($1)"
            }
        }
    }

    // MARK: Time-outs of activities

    private func expire(
        _ id: TaskID,
        of instance: LiveInstance,
        _ kind: String,
        _ message: (String, Duration) -> String
    ) throws(JournalError) {
        try activate(instance)
        guard let task = instance.open?.tasks[id], !instance.hasPendingResult(for: id) else { return }
        let isBeginning = kind == Failure.Kind.scheduleToStart
        guard !isBeginning || instance.open?.started.contains(id) == false else { return }
        let limit = (isBeginning ? task.timeouts.scheduleToStart : task.timeouts.startToClose) ?? .zero
        withdraw(task, of: instance, because: "it took too long")
        disarmTimeouts(of: id, instance)
        try deliverOrKeep(.taskFailed(id, Failure(type: kind, message: message(task.name, limit))), to: instance)
    }

    /// A worker has begun: from now on the other time-out counts.
    func noteStarted(_ task: ScheduledTask, of instance: LiveInstance) {
        guard instance.open?.started.contains(task.id) == false else { return }
        append(.taskStarted(task.id), to: instance)
        disarm(.scheduleToStart(task.id), of: instance)
        if let limit = task.timeouts.startToClose { arm(.startToClose(task.id), due: now + limit, of: instance) }
    }

    func armTimeouts(of task: ScheduledTask, _ instance: LiveInstance) {
        if let limit = task.timeouts.scheduleToStart {
            arm(.scheduleToStart(task.id), due: now + limit, of: instance)
        }
    }

    func disarmTimeouts(of id: TaskID, _ instance: LiveInstance) {
        guard let task = instance.open?.tasks[id], !task.timeouts.isNone else { return }
        disarm(.scheduleToStart(id), of: instance)
        disarm(.startToClose(id), of: instance)
    }

    // MARK: Rows

    func arm(_ purpose: TimerPurpose, due: Timestamp, of instance: LiveInstance) {
        timers.arm(TimerRow(.instance(instance.row.key, purpose), due: due))
    }

    func disarm(_ purpose: TimerPurpose, of instance: LiveInstance) {
        timers.disarm(.instance(instance.row.key, purpose))
    }

    func disarmAll(of instance: LiveInstance) {
        for id in (instance.open?.timers.keys).map(Array.init)?.sorted() ?? [] { disarm(.task(id), of: instance) }
        for id in (instance.open?.tasks.keys).map(Array.init)?.sorted() ?? [] { disarmTimeouts(of: id, instance) }
        disarm(.begin(generation: instance.upcoming?.generation ?? 0), of: instance)
    }
}
