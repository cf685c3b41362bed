import RepriseKernel

/// Reads messages off history rows: those that someone still wants.
struct WantedMessages {
    private let journal: any PartitionJournal
    private let maker: OutboundMaker
    /// The open tasks of instances whose history was read, so that a long one is read once and not once a row.
    private var open: [InstanceKey: [TaskID: ScheduledTask]] = [:]
    /// The calls of children that were canceled or terminated with their parent, or on its behalf, for the same reason.
    private var dismissed: [InstanceKey: Set<TaskToken>] = [:]

    init(_ journal: any PartitionJournal, _ maker: OutboundMaker) {
        self.journal = journal
        self.maker = maker
    }

    /// A row's messages without the tasks whose result is already known or no longer wanted, and without the starts of
    /// children that were to end with their parent.
    mutating func messages(of row: HistoryRow) throws(JournalError) -> [Outbound] {
        guard let instance = try journal.instance(key: row.instance) else { return [] }
        var all = maker.messages(of: instance, try row.decoded(), row)
        if all.contains(where: { $0.message.call != nil }) {
            // What dismisses it may have arrived first, and found no child.
            let calls = if let known = dismissed[row.instance] { known } else { try dismissals(by: instance) }
            dismissed[row.instance] = calls
            all.removeAll { $0.message.call.map(calls.contains) ?? false }
        }
        guard all.contains(where: { $0.message.isTask }) else { return all }
        let tasks = if let known = open[row.instance] { known } else { try openTasks(of: instance) }
        open[row.instance] = tasks
        return all.filter { outbound in
            // The whole task: one that a rewind has handed out again has the same number.
            if case .task(let message) = outbound.message { tasks[message.task.id] == message.task } else { true }
        }
    }

    private func dismissals(by instance: InstanceRow) throws(JournalError) -> Set<TaskToken> {
        var calls: Set<TaskToken> = []
        for record in try journal.history(of: instance) {
            guard case .messageSent(let message) = record.event else { continue }
            switch message.action {
            case .terminate(_, _, let call?), .cancel(_, _, _, let call?): calls.insert(call.token)
            default: continue
            }
        }
        return calls
    }

    private func openTasks(of instance: InstanceRow) throws(JournalError) -> [TaskID: ScheduledTask] {
        guard !instance.runtimeStatus.isEnded, !instance.id.isEntity else { return [:] }
        return OpenWork(of: try journal.history(of: instance)).tasks
    }
}

extension Outbound.Message {
    fileprivate var isTask: Bool { if case .task = self { true } else { false } }

    /// The call of the sub-orchestration that it starts.
    fileprivate var call: TaskToken? {
        guard case .command(let command) = self, case .start(let request) = command.action else { return nil }
        return request.parent?.token
    }
}
