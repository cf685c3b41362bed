import RepriseKernel

extension Partition {
    func receive(_ result: TaskResult) throws(JournalError) {
        if case .started = result.outcome { return try receive(startOf: result) }
        guard let instance = try instance(result.instance), instance.row.incarnation == result.token.incarnation,
            !instance.row.runtimeStatus.isEnded
        else { return drop(result) }
        let failure = quarantined(instance.row.id)
        if failure == nil { try activate(instance) } else { try fold(instance) }
        guard let task = instance.open?.task(for: result.token) else {
            // A lock that it has, or still waits for, must not be given back.
            return instance.open?.wants(result.token) == true ? drop() : drop(result)
        }
        // A repeat: what it grants must not be given back.
        guard !instance.hasPendingResult(for: task.id) else { return drop() }
        if instance.open?.isRegaining(task.id) == true { return try regain(task, result.outcome, of: instance) }
        if case .failed = result.outcome { keepLatestProgress(of: task, instance) }
        disarmTimeouts(of: task.id, instance)
        let event: HistoryEvent =
            switch result.outcome {
            case .completed(let payload): .taskCompleted(task.id, result: payload)
            case .failed(let failure): .taskFailed(task.id, failure)
            case .granted(let entities): .taskCompleted(task.id, result: .strings(entities.map(\.description)))
            case .started: .taskStarted(task.id)
            }
        if let failure {
            // Kept anyway: a rewind then need not run the task again.
            takeProgress(before: event, of: instance)
            append(event, to: instance)
            return endQuarantined(instance, failure)
        }
        try deliverOrKeep(event, to: instance)
    }

    /// A worker begins a task, or asks before it does so whether anyone waits for it: it is told when no one does.
    private func receive(startOf result: TaskResult) throws(JournalError) {
        guard let task = try openTask(of: result) else {
            let address = TaskAddress(instance: result.instance, token: result.token)
            batch.withdraw(WithdrawnTask(activity: nil, address: address, reason: "nobody waits for it"))
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

    /// A result that no one waits for; a lock in it must not stay locked.
    func drop(_ result: TaskResult) {
        if case .granted(let entities) = result.outcome { giveBack(entities, result) }
        drop()
    }

    /// A duplicate, or the late result of a task no one waits for: counted, so that people can notice.
    func drop() {
        head.countDroppedResult()
        batch.require()
    }
}
