/// One row or two for each event, named as the reference names them.
extension HistoryPayload {
    func events(_ record: HistoryRecord, at index: Int, _ reading: Reading) -> [JSONObject] {
        let isUndone = reading.undone.contains(index)
        switch record.event {
        case .executionStarted(let start):
            return [
                object("ExecutionStarted", record) {
                    if showInput { $0.add("Input", start.input) }
                    if start.generation > 0 { $0.add("Generation", start.generation) }
                    if let time = start.traits.startTime { $0.add("ScheduledStartTime", TimeText.milliseconds(time)) }
                    $0.add("FunctionName", start.name)
                }
            ]
        case .taskScheduled(let task): return [open(task, record)]
        case .taskCompleted(_, let result):
            let origin = reading.origins[index]
            return [
                object(origin.map { $0.task.target.words.completed } ?? "TaskCompleted", record) {
                    if showOutput { $0.add("Result", result) }
                    addOrigin(origin, to: &$0)
                }
            ]
        case .taskFailed(_, let failure):
            let origin = reading.origins[index]
            let word = origin.map { $0.task.target.words.failed } ?? "TaskFailed"
            if isUndone { return [rewound(word, record)] }
            return [
                object(word, record) {
                    $0.add("Reason", failure.message)
                    add(failure.details, as: "Details", to: &$0)
                    $0.add("FailureDetails", details(failure))
                    addOrigin(origin, to: &$0)
                }
            ]
        case .timerCreated(let id, let fireAt): return [timer(record, fireAt, canceled: reading.cancelTimes[id])]
        case .timerFired:
            return [
                object("TimerFired", record) {
                    if let fireAt = reading.fireTimes[index] { $0.add("FireAt", TimeText.milliseconds(fireAt)) }
                }
            ]
        case .eventRaised(let name, let payload):
            return [
                object("EventRaised", record) {
                    $0.add("Name", name)
                    if showInput { $0.add("Input", payload) }
                }
            ]
        case .messageSent(let message): return sent(message, record).map { [$0] } ?? []
        case .executionSuspended(let reason): return [object("ExecutionSuspended", record) { $0.add("Reason", reason) }]
        case .executionResumed(let reason): return [object("ExecutionResumed", record) { $0.add("Reason", reason) }]
        case .executionRewound(let reason, _): return [object("ExecutionRewound", record) { $0.add("Reason", reason) }]
        case .cancelRequested(let cancellation): return [asked(cancellation, record)]
        case .executionCanceled(let reason, _): return [end(.canceled, record, result: reason)]
        case .executionTerminated(let reason): return terminated(reason, record)
        case .executionCompleted(let output): return [end(.completed, record, result: output)]
        case .executionFailed(let failure):
            if isUndone { return [rewound("ExecutionCompleted", record)] }
            return [end(.failed, record, result: .string(failure.description), failure: failure)]
        case .executionContinued(let start): return [end(.continuedAsNew, record, result: start.input)]
        case .executionScheduled, .taskStarted, .taskProgressed, .timerCanceled, .taskAbandoned, .customStatusSet,
            .parentNotified,
            .parentAddressed,
            .entityRequested, .entityAnswered, .entityStored:
            return []
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

    /// What has been scheduled, and has not come to anything yet.
    private func open(_ task: ScheduledTask, _ record: HistoryRecord) -> JSONObject {
        object(task.target.words.scheduled, record) {
            $0.add("Name", task.name)
            add(task.target, to: &$0)
            if showInput { $0.add("Input", task.input) }
        }
    }

    /// The reference has no event for a cancellation, and its readers would not know one.
    private func timer(_ record: HistoryRecord, _ fireAt: Timestamp, canceled: Timestamp?) -> JSONObject {
        object("TimerCreated", record) {
            $0.add("FireAt", TimeText.milliseconds(fireAt))
            if let canceled { $0.add("CanceledTime", TimeText.milliseconds(canceled)) }
        }
    }

    /// What the code sent. What the engine sent on its behalf does not concern its readers.
    private func sent(_ message: SentMessage, _ record: HistoryRecord) -> JSONObject? {
        guard message.id.value != 0 else { return nil }
        let (word, input): (String, Payload?) =
            switch message.action {
            case .start(let request): ("SubOrchestrationInstanceCreated", request.input)
            case .raiseEvent(_, let payload): ("EventSent", payload)
            case .operate(let request):
                if case .operation(_, let input) = request.kind {
                    ("EntityOperationSignaled", input)
                } else {
                    ("EntityUnlockSent", nil)
                }
            default: ("EventSent", nil)
            }
        return object(word, record) {
            if let name = message.action.name { $0.add("Name", name) }
            $0.add("InstanceId", message.to.value)
            if showInput, let input { $0.add("Input", input) }
        }
    }

    private func terminated(_ reason: Payload, _ record: HistoryRecord) -> [JSONObject] {
        [
            object("ExecutionTerminated", record) { if showInput { $0.add("Input", reason) } },
            end(.terminated, record, result: reason),
        ]
    }

    /// The reference has no word for it.
    private func asked(_ cancellation: Cancellation, _ record: HistoryRecord) -> JSONObject {
        object("GenericEvent", record) {
            $0.add("Reason", "CancelRequested")
            if showInput { $0.add("Input", cancellation.reason) }
        }
    }

    private func rewound(_ word: String, _ record: HistoryRecord) -> JSONObject {
        object("GenericEvent", record) { $0.add("Reason", "Rewound: \(word)") }
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

    private func addOrigin(_ origin: Origin?, to object: inout JSONObject) {
        guard let origin else { return }
        object.add("ScheduledTime", TimeText.milliseconds(origin.time))
        object.add("FunctionName", origin.task.name)
        add(origin.task.target, to: &object)
        if showInput { object.add("Input", origin.task.input) }
    }

    /// Whom a task is for.
    private func add(_ target: TaskTarget, to object: inout JSONObject) {
        switch target {
        case .activity: break
        case .orchestration(let id, _, _, _, _): object.add("InstanceId", id.value)
        case .entity(let id, _): object.add("InstanceId", id.description)
        case .lock(let ids): object.add("LockSet", texts: ids.map(\.description))
        }
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

extension TaskTarget {
    /// The reference's words for a task of this kind.
    fileprivate var words: (scheduled: String, completed: String, failed: String) {
        switch self {
        case .activity: ("TaskScheduled", "TaskCompleted", "TaskFailed")
        case .orchestration:
            (
                "SubOrchestrationInstanceCreated", "SubOrchestrationInstanceCompleted",
                "SubOrchestrationInstanceFailed"
            )
        case .entity: ("EntityOperationCalled", "EntityOperationCompleted", "EntityOperationFailed")
        case .lock: ("EntityLockRequested", "EntityLockGranted", "EntityOperationFailed")
        }
    }
}
