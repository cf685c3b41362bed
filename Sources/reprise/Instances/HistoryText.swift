import RepriseKernel

/// One event of a history in words.
struct HistoryText {
    var word: String
    var task: TaskID?
    var name: String?
    var payload: Payload?

    private init(_ word: String, task: TaskID? = nil, name: String? = nil, payload: Payload? = nil) {
        self.word = word
        self.task = task
        self.name = name
        self.payload = payload
    }

    init(_ event: HistoryEvent) {
        switch event {
        case .executionScheduled(let start): self.init("ExecutionScheduled", name: start.name, payload: start.input)
        case .executionStarted(let start): self.init("ExecutionStarted", name: start.name, payload: start.input)
        case .executionContinued(let start): self.init("ExecutionContinued", name: start.name, payload: start.input)
        case .taskStarted(let id): self.init("TaskStarted", task: id)
        case .messageSent(let message):
            self.init(
                "MessageSent",
                task: message.id.value == 0 ? nil : message.id,
                name: message.action.name ?? message.action.kind,
                payload: .string(message.to.value)
            )
        case .parentNotified(let address): self.init("ParentNotified", payload: .string(address.instance.value))
        case .parentAddressed(let address): self.init("ParentAddressed", payload: .string(address.instance.value))
        case .entityRequested(let request):
            self.init("EntityRequested", name: Command.Action.operate(request).name)
        case .entityAnswered(let address, _): self.init("EntityAnswered", payload: .string(address.instance.value))
        case .entityStored(let state): self.init("EntityStored", payload: state.state)
        case .taskScheduled(let task):
            self.init("TaskScheduled", task: task.id, name: Self.name(task), payload: task.input)
        case .taskCompleted(let id, let result): self.init("TaskCompleted", task: id, payload: result)
        case .taskFailed(let id, let failure):
            self.init("TaskFailed", task: id, payload: .string(failure.description))
        case .timerCreated(let id, let fireAt): self.init("TimerCreated", task: id, payload: .string(fireAt.text))
        case .timerFired(let id): self.init("TimerFired", task: id)
        case .timerCanceled(let id): self.init("TimerCanceled", task: id)
        case .eventRaised(let name, let payload): self.init("EventRaised", name: name, payload: payload)
        case .customStatusSet(let status): self.init("CustomStatusSet", payload: status)
        case .executionSuspended(let reason): self.init("ExecutionSuspended", payload: reason)
        case .executionResumed(let reason): self.init("ExecutionResumed", payload: reason)
        case .executionRewound(let reason, _): self.init("ExecutionRewound", payload: reason)
        case .executionTerminated(let reason): self.init("ExecutionTerminated", payload: reason)
        case .executionCompleted(let output): self.init("ExecutionCompleted", payload: output)
        case .executionFailed(let failure): self.init("ExecutionFailed", payload: .string(failure.description))
        }
    }

    private static func name(_ task: ScheduledTask) -> String {
        task.attempt > 1 ? "\(task.name) (attempt \(task.attempt))" : task.name
    }

    static func table(_ records: [HistoryRecord]) -> Table {
        var table = Table(["TIME", "VERSION", "EVENT", "TASK", "NAME", "DATA"])
        for record in records {
            let event = HistoryText(record.event)
            table.add([
                record.time.text, record.version.map { "v\($0)" } ?? "", event.word, event.task.map { "\($0)" } ?? "",
                event.name ?? "", event.payload?.text ?? "",
            ])
        }
        return table
    }
}
