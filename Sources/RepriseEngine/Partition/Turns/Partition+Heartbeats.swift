import RepriseKernel

/// Activities with a heartbeat limit: each report of their progress keeps the attempt alive, and the last one is kept for
/// the next attempt.
///
/// ```
///  begin, report ──► a sign of life, in memory ──► the timer finds it and waits on: no commit
///  report ──► once a second: with what waits for the instance ──► the attempt fails ──► history ──► the next attempt
///                                                             └─► the attempt is begun again ──► its worker
/// ```
/// A crash loses the reports of the last second, and all signs: the next owner gives every attempt its whole time again.
extension Partition {
    /// The time by which an attempt must report something, counted from its last sign of life.
    func watchHeartbeat(of task: ScheduledTask, _ instance: LiveInstance) {
        guard let limit = task.timeouts.heartbeat else { return }
        reported.sign(task, of: instance.row.key, at: now)
        arm(.heartbeat(task.id), due: now + limit, of: instance)
    }

    /// When a timer that is due now is due after all; nil when the heartbeat is missing indeed, or no one waits for it.
    func nextHeartbeat(of id: TaskID, _ instance: LiveInstance) throws(JournalError) -> Timestamp? {
        try fold(instance)
        guard let task = instance.open?.tasks[id], let limit = task.timeouts.heartbeat else { return nil }
        let due = reported.lastSign(of: task, instance.row.key) + limit
        return due > now ? due : nil
    }

    /// A report. One from a worker that did not say that it had begun says it as well.
    func keepAlive(_ task: ScheduledTask, _ value: Payload, of instance: LiveInstance) {
        if instance.open?.started.contains(task.id) == false { noteStarted(task, of: instance) }
        reported.sign(task, of: instance.row.key, at: now)
        keep(reported.keep(value, of: task, instance.row.key, at: now), of: task, instance)
    }

    /// Another worker begins an attempt that one had begun before.
    func resume(_ task: ScheduledTask, of instance: LiveInstance) {
        guard task.timeouts.heartbeat != nil else { return }
        reported.sign(task, of: instance.row.key, at: now)
        keepLatestProgress(of: task, instance)
        let address = instance.row.address(of: task)
        let progress = instance.keptProgress(of: task.id) ?? task.progress ?? .null
        batch.resume(ProgressReport(instance: address.instance, token: address.token, value: progress))
    }

    /// Writes down what came so soon after another report that it was not written.
    func keepLatestProgress(of task: ScheduledTask, _ instance: LiveInstance) {
        keep(reported.takeUnkept(of: task, instance.row.key), of: task, instance)
    }

    private func keep(_ value: Payload?, of task: ScheduledTask, _ instance: LiveInstance) {
        guard let value else { return }
        dropProgress(of: task.id, instance)
        postpone(.taskProgressed(task.id, value), for: instance)
    }

    func dropProgress(of id: TaskID, _ instance: LiveInstance) {
        if let position = instance.removeProgress(of: id) { pending.remove(position) }
    }

    /// What an attempt had reported stands in history before its failure. With a result it is of no use.
    func takeProgress(before event: HistoryEvent, of instance: LiveInstance) {
        guard let id = event.answered, let value = instance.keptProgress(of: id) else { return }
        dropProgress(of: id, instance)
        if case .taskFailed = event { append(.taskProgressed(id, value), to: instance) }
    }
}
