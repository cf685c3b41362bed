import Reprise
import RepriseKernel

extension Partition {
    /// Rewinds a failed instance, or says why that is impossible and leaves it as it is.
    ///
    /// The code is replayed over the remaining steps before anything is written; then one event says what no longer
    /// counts, the tasks that are still wanted go out again, and the stopped step is repeated.
    func rewind(_ id: InstanceID, _ reason: Payload) throws(JournalError) -> Rejection? {
        guard let instance = try instance(id) else { return unknown(id) }
        guard instance.row.runtimeStatus == .failed else {
            if instance.row.runtimeStatus.isEnded { return ended(instance) }
            return Rejection(
                .notFailed,
                "instance '\(id)' is \(instance.row.runtimeStatus.rawValue); only failed instances can be rewound"
            )
        }
        guard let orchestrator = orchestrators[instance.row.name] else {
            return Rejection(
                .unknownOrchestrator,
                "this node has no orchestrator '\(instance.row.name)' to rewind '\(id)'"
            )
        }
        if let failure = quarantined(id) {
            // The process died while it tried: it tries again only when asked again.
            crashes.forgive(id)
            return Rejection(.notRewindable, "instance '\(id)' was rewound, and again: \(failure.message)")
        }
        guard let history = try history(of: instance) else {
            return Rejection(
                .notRewindable,
                "the history of instance '\(id)' is damaged on disk; the node's log says where"
            )
        }
        let steps = Replay.steps(of: history)
        try fold(instance)
        let start = if let next = instance.upcoming { next } else { try beginning(of: instance) }
        if let refusal = settings.versions.refusal(of: start?.traits.version) {
            return Rejection(.notRewindable, "instance '\(id)' cannot be rewound here: \(refusal.message)")
        }
        if let next = instance.upcoming {
            // It failed between two generations: all that is left is to begin the next.
            try revive(instance, undoing: [], OpenWork(), reason)
            arm(.begin(generation: next.generation), due: now, of: instance)
            return nil
        }
        var difference: Failure?
        for plan in Rewind.plans(for: steps) {
            let session = makeSession(for: instance.row, orchestrator)
            difference = replay(plan.standing(steps), of: instance.row, in: session) ?? session.refusal(of: plan.again)
            if difference == nil {
                // Statuses set in undone steps stay set.
                session.resume(customStatus: steps.last?.customStatus ?? .null)
                instance.session = session
                try carryOut(plan, steps, reason, on: instance)
                return nil
            }
            instance.session = session
            evict(instance)
        }
        let why = difference?.message ?? "its history has no end"
        return Rejection(.notRewindable, "the code does not fit the history of instance '\(id)': \(why)")
    }

    private func carryOut(
        _ plan: Rewind.Plan,
        _ steps: [Replay.Step],
        _ reason: Payload,
        on instance: LiveInstance
    ) throws(JournalError) {
        let open = OpenWork(after: plan.standing(steps))
        var again = plan.again
        // A granted lock has been given up since: it is requested again, not assumed.
        if let id = again?.answered, case .lock? = open.tasks[id]?.target { again = nil }
        if case .cancelRequested(var cancellation)? = again {
            cancellation.deadline = nil
            again = .cancelRequested(cancellation)
        }
        try revive(instance, undoing: plan.undone, open, reason)
        lockAgain(open, instance)
        for (id, task) in open.tasks.sorted(by: { $0.key < $1.key }) where again?.answered != id {
            // Handed out with the lock that it needs.
            if let lock = task.section?.task, open.locked[lock] != nil { continue }
            let task = task.handedOutAgain(isRetried: plan.retried.contains(id), environment.makeSecret)
            // Others were in progress: the first answer counts, of the old delivery or the new.
            append(.taskScheduled(task), to: instance)
            armTimeouts(of: task, instance)
        }
        for (id, due) in open.timers.sorted(by: { $0.key < $1.key }) where again?.answered != id {
            arm(.task(id), due: due, of: instance)
        }
        if let again { try applyAgain(again, to: instance) }
        try applyPending(to: instance)
    }

    /// It runs again; nothing has been sent yet.
    private func revive(
        _ instance: LiveInstance,
        undoing undone: [Int],
        _ open: OpenWork,
        _ reason: Payload
    ) throws(JournalError) {
        instance.open = open
        instance.pending = PendingEvents(try journal.pendingEvents(of: instance.row))
        instance.row.runtimeStatus = .running
        instance.row.endPosition = 0
        append(.executionRewound(reason: reason, undone: undone), to: instance)
        // Its clean-up, if it is in one, has the whole time again.
        if let grace = instance.cancellation?.grace { arm(.grace, due: now + grace, of: instance) }
    }

    /// What was applied before comes before everything that has waited, even if it must wait now.
    private func applyAgain(_ event: HistoryEvent, to instance: LiveInstance) throws(JournalError) {
        guard instance.open?.isRegaining == true else { return try deliverOrKeep(event, to: instance) }
        let others = instance.pending
        instance.pending = PendingEvents()
        for waiting in others { pending.remove(waiting.position) }
        for event in [event] + others.map(\.event) { postpone(event, for: instance) }
    }
}

extension Execution {
    /// Whether the code, at its current point, waits for what is to be applied again.
    fileprivate func refusal(of event: HistoryEvent?) -> Failure? {
        switch event {
        case .taskCompleted(let id, _), .taskFailed(let id, _), .timerFired(let id):
            isAwaiting(id) ? nil : event.map(Replay.unexpected)
        default: nil
        }
    }
}

extension ScheduledTask {
    /// - Parameter isRetried: as if it had never run.
    fileprivate func handedOutAgain(isRetried: Bool, _ makeSecret: () -> TaskSecret) -> ScheduledTask {
        var task = self
        if case .lock = target {
            task.attempt += 1
            task.secret = makeSecret()
        }
        if isRetried {
            task.key = Self.keyToCome
            task.secret = makeSecret()
            task.progress = nil
        }
        if case .orchestration(let child, let version, let tags, _, let policy) = target {
            // A failed child resumes where it was, any other answers again: under a new address, since a failure
            // that the parent has not received may still be on its way.
            task.secret = makeSecret()
            task.target = .orchestration(child, version: version, tags: tags, takesUp: true, parentClose: policy)
        }
        return task
    }
}
