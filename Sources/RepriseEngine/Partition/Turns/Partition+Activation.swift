import Logging
import Reprise
import RepriseKernel

extension Partition {
    /// Activates the orchestrator's code: replays history if it is not in memory.
    ///
    /// If the code no longer fits its history, this instance fails with the diagnosis. If this node has no such
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
            return end(instance, .executionFailed(.damagedHistory), as: .failed)
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
        // What waited for code that this node now has.
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

    /// What waits is checked when the partition is taken, perhaps by a node that has its code. Its timer has fired.
    private func putOff(_ next: ExecutionStart, of instance: LiveInstance) {
        if !instance.pending.contains(where: \.event.isStart) { postpone(.executionStarted(next), for: instance) }
    }

    /// Replays the code's history; returns the first difference, if there is one.
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
            logger.warning("\(changed.warning)", metadata: ["instance": "\(row.id)", "orchestrator": "\(row.name)"])
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
}

extension Failure {
    fileprivate static let damagedHistory = Failure(
        type: Kind.damagedHistory,
        message: "the history of this instance is damaged on disk; the node's log says where",
        isNonRetriable: true
    )
}

extension Replay.ChangedInput {
    fileprivate var warning: String {
        """
        \(message). It goes on with what history has. If its code was not changed on purpose, it depends on something \
        outside the context, and its output may be wrong.
        """
    }
}
