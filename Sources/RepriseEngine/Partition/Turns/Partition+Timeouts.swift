import RepriseKernel

/// Timeouts of activities.
extension Partition {
    func expire(
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

    /// A worker has begun: from now on the other timeout applies.
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
}
