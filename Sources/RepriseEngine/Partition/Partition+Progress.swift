import RepriseKernel

/// The progress that activities report while they run.
///
/// ```
///  worker ── ActivityProgress ──► inbox ──► the task is open? ──► observers, the newest of a batch
///                                               no: dropped           and an empty one when the task ends
/// ```
///
/// None of it is committed: a crash forgets it, and the next report restores it. What tasks with a heartbeat limit report
/// is kept besides: see ``keepAlive(_:_:of:)``.
extension Partition {
    func receive(_ report: ProgressReport) throws(JournalError) {
        guard report.value.bytes.count <= settings.limits.progressBytes, let instance = try instance(report.instance),
            instance.row.incarnation == report.token.incarnation, !instance.row.runtimeStatus.isEnded
        else { return }
        try fold(instance)
        guard let task = instance.open?.task(for: report.token), case .activity = task.target,
            !instance.hasPendingResult(for: task.id)
        else { return }
        let key = ReportedProgress.Key(instance: instance.row.key, task: task.id)
        let entry = ReportedProgress.Entry(secret: task.secret, activity: task.name, attempt: task.attempt)
        reported.note(key, entry)
        if task.timeouts.heartbeat != nil { keepAlive(task, report.value, of: instance) }
        reported.say(ProgressMessage(of: task.id, instance, entry, report.value, in: self), of: key)
    }

    /// Observers must forget the progress of tasks no longer open. When an instance ends they forget all of it by
    /// themselves.
    func forgetProgress(of instance: LiveInstance) {
        let isEnded = instance.row.runtimeStatus.isEnded
        let open = instance.open
        let ended = reported.takeEnded(of: instance.row.key) { task, entry in
            !isEnded && (open.map { $0.tasks[task]?.secret == entry.secret } ?? true)
        }
        for (task, entry) in ended {
            let key = ReportedProgress.Key(instance: instance.row.key, task: task)
            if isEnded || !entry.isHeard {
                reported.withdraw(key)
            } else {
                reported.say(ProgressMessage(of: task, instance, entry, nil, in: self), of: key)
            }
        }
    }
}

extension ProgressMessage {
    fileprivate init(
        of task: TaskID,
        _ instance: LiveInstance,
        _ entry: ReportedProgress.Entry,
        _ value: Payload?,
        in partition: Partition
    ) {
        self.init(
            instance: instance.row.id,
            name: instance.row.name,
            incarnation: instance.row.incarnation,
            partition: partition.identity.partition,
            epoch: partition.head.epoch,
            activity: entry.activity,
            task: task,
            attempt: entry.attempt,
            time: partition.now,
            value: value
        )
    }
}
