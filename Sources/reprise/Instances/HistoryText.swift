import RepriseKernel

/// One event of a history in words.
struct HistoryText {
    var word: String
    var task: TaskID?
    var name: String?
    var payload: Payload?

    init(_ event: HistoryEvent) {
        word = event.facts.word
        switch event {
        case .executionScheduled(let start), .executionStarted(let start), .executionContinued(let start):
            name = start.name
            payload = start.input
        case .taskScheduled(let scheduled):
            task = scheduled.id
            name = Self.name(scheduled)
            payload = scheduled.input
        case .taskStarted(let id), .timerFired(let id), .timerCanceled(let id), .taskAbandoned(let id):
            task = id
        case .taskCompleted(let id, let result), .taskProgressed(let id, let result):
            task = id
            payload = result
        case .taskFailed(let id, let failure):
            task = id
            payload = .string(failure.description)
        case .timerCreated(let id, let fireAt):
            task = id
            payload = .string(fireAt.text)
        case .messageSent(let message):
            task = message.id.value == 0 ? nil : message.id
            name = message.action.name ?? message.action.verb.rawValue
            payload = .string("to \(message.to)")
        case .eventRaised(let event, let data):
            name = event
            payload = data
        case .customStatusSet(let status): payload = status
        case .cancelRequested(let cancellation): payload = cancellation.reason
        case .executionSuspended(let reason), .executionResumed(let reason), .executionTerminated(let reason),
            .executionCanceled(let reason, _), .executionRewound(let reason, _):
            payload = reason
        case .executionCompleted(let output): payload = output
        case .executionFailed(let failure): payload = .string(failure.description)
        case .parentNotified(let address), .parentAddressed(let address): payload = .string("to \(address.instance)")
        case .entityRequested(let request): name = Command.Action.operate(request).name
        case .entityAnswered(let address, _): payload = .string("to \(address.instance)")
        case .entityStored(let state): payload = state.state
        }
    }

    /// What is scheduled, with the attempt when it is not an activity's first.
    private static func name(_ task: ScheduledTask) -> String {
        let name =
            switch task.target {
            case .activity: task.name
            case .orchestration(let instance, _, _, _, _): "\(task.name) as \(instance)"
            case .entity(let entity, _): "\(entity) \(task.name)"
            case .lock(let entities): "lock \(entities.map(\.description).joined(separator: ", "))"
            }
        return task.attempt > 1 ? "\(name) (attempt \(task.attempt))" : name
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
