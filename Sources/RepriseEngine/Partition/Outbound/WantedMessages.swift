import RepriseKernel

/// Reads messages off history rows: those that someone still wants.
struct WantedMessages {
    private let journal: any PartitionJournal
    private let maker: OutboundMaker
    /// The open tasks of instances whose history was read, so that a long one is read once and not once a row.
    private var open: [InstanceKey: [TaskID: ScheduledTask]] = [:]

    init(_ journal: any PartitionJournal, _ maker: OutboundMaker) {
        self.journal = journal
        self.maker = maker
    }

    /// A row's messages without the tasks whose result is already known or no longer wanted, and without the starts of
    /// children that were to end with their parent.
    mutating func messages(of row: HistoryRow) throws(JournalError) -> [Outbound] {
        guard let instance = try journal.instance(key: row.instance) else { return [] }
        var all = maker.messages(of: instance, try row.decoded(), row)
        if instance.runtimeStatus == .terminated, all.contains(where: { $0.message.child != nil }) {
            // The termination may have arrived first, and found no child.
            let dismissed = try children(dismissedBy: instance)
            all.removeAll { $0.message.child.map(dismissed.contains) ?? false }
        }
        guard all.contains(where: { $0.message.isTask }) else { return all }
        let tasks = if let known = open[row.instance] { known } else { try openTasks(of: instance) }
        open[row.instance] = tasks
        return all.filter { outbound in
            // The whole task: one that a rewind has handed out again has the same number.
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
