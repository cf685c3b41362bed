import RepriseKernel

/// History as status shows it: what was scheduled is told by what came of it, and what its readers never wanted to know
/// (turns, custom statuses, canceled timers) is left out.
struct HistoryPayload {
    var showInput: Bool
    var showOutput: Bool

    func events(_ records: [HistoryRecord]) -> [JSONObject] {
        var scheduled: [TaskID: (task: ScheduledTask, time: Timestamp)] = [:]
        var timers: [TaskID: Timestamp] = [:]
        var completed: Set<TaskID> = []
        for record in records {
            switch record.event {
            case .taskCompleted(let id, _), .taskFailed(let id, _): completed.insert(id)
            default: break
            }
        }
        var events: [JSONObject] = []
        for record in records {
            switch record.event {
            case .taskScheduled(let task):
                scheduled[task.id] = (task, record.time)
                guard !completed.contains(task.id) else { continue }
            case .timerCreated(let id, let fireAt): timers[id] = fireAt
            default: break
            }
            events += event(record, scheduled, timers)
        }
        return events
    }

    private func event(
        _ record: HistoryRecord,
        _ scheduled: [TaskID: (task: ScheduledTask, time: Timestamp)],
        _ timers: [TaskID: Timestamp]
    ) -> [JSONObject] {
        switch record.event {
        case .executionStarted(let start):
            [
                object("ExecutionStarted", record) {
                    if showInput { $0.add("Input", start.input) }
                    $0.add("FunctionName", start.name)
                }
            ]
        case .taskScheduled(let task):
            [
                object("TaskScheduled", record) {
                    $0.add("Name", task.name)
                    if showInput { $0.add("Input", task.input) }
                }
            ]
        case .taskCompleted(let id, let result):
            [
                object("TaskCompleted", record) {
                    if showOutput { $0.add("Result", result) }
                    addOrigin(scheduled[id], to: &$0)
                }
            ]
        case .taskFailed(let id, let failure):
            [
                object("TaskFailed", record) {
                    $0.add("Reason", failure.message)
                    add(failure.details, as: "Details", to: &$0)
                    $0.add("FailureDetails", details(failure))
                    addOrigin(scheduled[id], to: &$0)
                }
            ]
        case .timerCreated(_, let fireAt):
            [object("TimerCreated", record) { $0.add("FireAt", TimeText.milliseconds(fireAt)) }]
        case .timerFired(let id):
            [
                object("TimerFired", record) {
                    if let fireAt = timers[id] { $0.add("FireAt", TimeText.milliseconds(fireAt)) }
                }
            ]
        case .eventRaised(let name, let payload):
            [
                object("EventRaised", record) {
                    $0.add("Name", name)
                    if showInput { $0.add("Input", payload) }
                }
            ]
        case .executionSuspended(let reason): [object("ExecutionSuspended", record) { $0.add("Reason", reason) }]
        case .executionResumed(let reason): [object("ExecutionResumed", record) { $0.add("Reason", reason) }]
        case .executionRewound(let reason, _): [object("ExecutionRewound", record) { $0.add("Reason", reason) }]
        case .executionTerminated(let reason):
            [
                object("ExecutionTerminated", record) { if showInput { $0.add("Input", reason) } },
                end(.terminated, record, result: reason),
            ]
        case .executionCompleted(let output): [end(.completed, record, result: output)]
        case .executionFailed(let failure):
            [end(.failed, record, result: .string(failure.description), failure: failure)]
        case .timerCanceled, .customStatusSet, .executionScheduled, .taskStarted, .messageSent, .executionContinued,
            .parentNotified, .entityRequested, .entityAnswered, .entityStored:
            []
        }
    }

    private func object(
        _ type: String,
        _ record: HistoryRecord,
        _ fill: (inout JSONObject) -> Void
    ) -> JSONObject {
        var object = JSONObject()
        object.add("EventType", type)
        fill(&object)
        object.add("Timestamp", TimeText.milliseconds(record.time))
        return object
    }

    private func end(
        _ status: RuntimeStatus,
        _ record: HistoryRecord,
        result: Payload,
        failure: Failure? = nil
    ) -> JSONObject {
        object("ExecutionCompleted", record) {
            $0.add("OrchestrationStatus", status.rawValue)
            if showOutput { $0.add("Result", result) }
            if let failure { $0.add("FailureDetails", details(failure)) }
        }
    }

    private func addOrigin(_ origin: (task: ScheduledTask, time: Timestamp)?, to object: inout JSONObject) {
        guard let origin else { return }
        object.add("ScheduledTime", TimeText.milliseconds(origin.time))
        object.add("FunctionName", origin.task.name)
        if showInput { object.add("Input", origin.task.input) }
    }

    private func details(_ failure: Failure) -> JSONObject {
        var object = JSONObject()
        object.add("ErrorType", failure.type)
        object.add("ErrorMessage", failure.message)
        add(failure.details, as: "StackTrace", to: &object)
        if let cause = failure.cause {
            object.add("InnerFailure", details(cause))
        } else {
            object.addNull("InnerFailure")
        }
        object.add("IsNonRetriable", failure.isNonRetriable)
        return object
    }

    private func add(_ text: String?, as name: String, to object: inout JSONObject) {
        if let text { object.add(name, text) } else { object.addNull(name) }
    }
}
