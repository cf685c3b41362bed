import RepriseKernel

extension Partition {
    func records(_ row: HistoryRow) throws(JournalError) -> [HistoryRecord] {
        do {
            return try HistoryCodec.decode(row.records)
        } catch {
            throw JournalError(.damaged, "history row \(row.position) of instance \(row.instance): \(error)")
        }
    }

    /// The open tasks of instances whose history was read, so that a long one is read once and not once a row.
    typealias OpenTasks = [InstanceKey: [TaskID: ScheduledTask]]

    /// A row's messages without the tasks whose result is known already or wanted no more, and without the starts of
    /// children that were to end with their parent.
    func wanted(_ row: HistoryRow, _ open: inout OpenTasks) throws(JournalError) -> [Outbound] {
        guard let instance = try journal.instance(key: row.instance) else { return [] }
        var all = outbound(of: instance, try records(row), row)
        if instance.runtimeStatus == .terminated, all.contains(where: { $0.message.child != nil }) {
            // The order to end may have been there first, and found nobody.
            let dismissed = try children(dismissedBy: instance)
            all.removeAll { $0.message.child.map(dismissed.contains) ?? false }
        }
        guard all.contains(where: { $0.message.isTask }) else { return all }
        let tasks = if let known = open[row.instance] { known } else { try openTasks(of: instance) }
        open[row.instance] = tasks
        return all.filter { outbound in
            // The whole task: one that a rewind has handed out anew has the same number.
            if case .task(let message) = outbound.message { tasks[message.task.id] == message.task } else { true }
        }
    }

    private func children(dismissedBy instance: InstanceRow) throws(JournalError) -> Set<InstanceID> {
        var dismissed: Set<InstanceID> = []
        for record in try journal.history(of: instance) {
            guard case .messageSent(let message) = record.event, case .terminate = message.action else { continue }
            dismissed.insert(message.to)
        }
        return dismissed
    }

    private func openTasks(of instance: InstanceRow) throws(JournalError) -> [TaskID: ScheduledTask] {
        guard !instance.runtimeStatus.isEnded, !instance.id.isEntity else { return [:] }
        return OpenWork(of: try journal.history(of: instance)).tasks
    }
}

extension Outbound.Message {
    fileprivate var isTask: Bool { if case .task = self { true } else { false } }

    /// The sub-orchestration that it starts.
    fileprivate var child: InstanceID? {
        guard case .command(let command) = self, case .start(let request) = command.action, request.parent != nil else {
            return nil
        }
        return command.instance
    }
}
