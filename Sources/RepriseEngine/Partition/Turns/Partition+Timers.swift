import Logging
import RepriseKernel

extension Partition {
    func fireTimers() throws(JournalError) -> Effects {
        var effects = Effects()
        // Bounded, so that code that only waits for times already past does not hold the batch forever.
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
                if case .heartbeat(let id) = purpose, let due = try nextHeartbeat(of: id, instance) {
                    timers.putOff(timer, until: due)
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
            // Activating begins it, unless the instance is suspended: then resuming does.
            try activate(instance)
        case .grace: try endGrace(of: instance)
        case .scheduleToStart(let id): try expire(id, of: instance, Failure.Kind.scheduleToStart)
        case .startToClose(let id): try expire(id, of: instance, Failure.Kind.startToClose)
        case .heartbeat(let id): try expire(id, of: instance, Failure.Kind.heartbeat)
        }
    }

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
