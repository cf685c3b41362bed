/// What an orchestrator asks for while a turn runs. The engine turns decisions into history.
package enum Decision: Equatable, Sendable {
    case scheduleTask(TaskRequest)
    case createTimer(TaskID, fireAt: Timestamp)
    case cancelTimer(TaskID)
    /// The code waits for it no longer, and its parent-close policy says what becomes of it.
    case abandonTask(TaskID)
    case setCustomStatus(Payload)
    case send(SentMessage)
    case complete(Payload)
    case fail(Failure)
    /// It ends because it was asked to.
    case cancel
    /// Begins again with another input; `keepsEvents`: waiting events are kept for the next generation.
    case continueAsNew(input: Payload, keepsEvents: Bool, version: String?)
}

/// A task as an orchestrator asks for it.
package struct TaskRequest: Equatable, Sendable {
    package var id: TaskID
    package var name: String
    package var input: Payload
    package var target: TaskTarget
    package var timeouts: TaskTimeouts
    package var attempt: Int
    /// The id of the call's first attempt: its own unless this is a retry.
    package var firstAttempt: TaskID

    package init(
        id: TaskID,
        name: String,
        input: Payload,
        target: TaskTarget = .activity,
        timeouts: TaskTimeouts = TaskTimeouts(),
        attempt: Int = 1,
        firstAttempt: TaskID
    ) {
        self.id = id
        self.name = name
        self.input = input
        self.target = target
        self.timeouts = timeouts
        self.attempt = attempt
        self.firstAttempt = firstAttempt
    }
}

extension Decision {
    /// Custom status is not part of what replay compares.
    package var isCompared: Bool {
        if case .setCustomStatus = self { false } else { true }
    }

    /// Whether history recorded this decision, by kind, number and name. What it passes on is compared separately, in
    /// ``Replay/changedInput(after:decided:)``: a node may let code change that, but never what it does.
    package func matches(_ event: HistoryEvent) -> Bool {
        switch (self, event) {
        case (.scheduleTask(let request), .taskScheduled(let task)):
            request.id == task.id && request.name == task.name && request.target.kind == task.target.kind
        case (.send(let message), .messageSent(let recorded)):
            message.id == recorded.id && message.action.verb == recorded.action.verb
                && message.action.name == recorded.action.name
        case (.createTimer(let id, _), .timerCreated(let recorded, _)): id == recorded
        case (.cancelTimer(let id), .timerCanceled(let recorded)): id == recorded
        case (.abandonTask(let id), .taskAbandoned(let recorded)): id == recorded
        case (.complete, .executionCompleted), (.fail, .executionFailed), (.cancel, .executionCanceled),
            (.continueAsNew, .executionContinued):
            true
        default: false
        }
    }
}

extension Decision: CustomStringConvertible {
    package var description: String {
        switch self {
        case .scheduleTask(let request): "call \(request.target.kind) '\(request.name)' (#\(request.id))"
        case .createTimer(let id, _): "create a timer (#\(id))"
        case .cancelTimer(let id): "cancel timer #\(id)"
        case .abandonTask(let id): "give up task #\(id)"
        case .setCustomStatus: "set the custom status"
        case .complete: "complete"
        case .send(let message): message.summary
        case .fail(let failure): "fail with \(failure.type)"
        case .cancel: "cancel"
        case .continueAsNew: "continue as new"
        }
    }
}

extension TaskTarget {
    /// The word used in diagnoses.
    package var kind: String {
        switch self {
        case .activity: "activity"
        case .orchestration: "orchestrator"
        case .entity: "entity operation"
        case .lock: "lock"
        }
    }
}

extension SentMessage {
    var summary: String {
        let name = action.name.map { " '\($0)'" } ?? ""
        return "send \(action.verb)\(name) to another instance (#\(id))"
    }
}
