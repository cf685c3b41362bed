import RepriseKernel

/// Timeouts of activities.
extension Partition {
    /// - Parameter kind: which limit, as the failure's type.
    func expire(_ id: TaskID, of instance: LiveInstance, _ kind: String) throws(JournalError) {
        try activate(instance)
        guard let task = instance.open?.tasks[id], !instance.hasPendingResult(for: id) else { return }
        let hasBegun = instance.open?.started.contains(id) ?? true
        guard kind != Failure.Kind.scheduleToStart || !hasBegun else { return }
        keepLatestProgress(of: task, instance)
        withdraw(task, of: instance, because: "it took too long")
        disarmTimeouts(of: id, instance)
        try deliverOrKeep(.taskFailed(id, task.failure(for: kind)), to: instance)
    }

    /// A worker has begun: from now on the other timeout applies.
    func noteStarted(_ task: ScheduledTask, of instance: LiveInstance) {
        guard instance.open?.started.contains(task.id) == false else { return resume(task, of: instance) }
        append(.taskStarted(task.id), to: instance)
        disarm(.scheduleToStart(task.id), of: instance)
        if let limit = task.timeouts.startToClose { arm(.startToClose(task.id), due: now + limit, of: instance) }
        watchHeartbeat(of: task, instance)
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
        disarm(.heartbeat(id), of: instance)
    }
}

extension ScheduledTask {
    fileprivate func failure(for kind: String) -> Failure {
        let message =
            switch kind {
            case Failure.Kind.scheduleToStart:
                "no worker of '\(name)' began within \(timeouts.scheduleToStart ?? .zero)"
            case Failure.Kind.heartbeat:
                "the worker of '\(name)' has reported no progress for \(timeouts.heartbeat ?? .zero)"
            default: "the worker of '\(name)' did not answer within \(timeouts.startToClose ?? .zero)"
            }
        return Failure(type: kind, message: message)
    }
}
