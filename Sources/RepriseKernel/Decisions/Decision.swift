/// What an orchestrator asks for while a turn runs. The engine turns decisions into history.
package enum Decision: Equatable, Sendable {
    /// `firstAttempt` is the id of the call's first attempt: its own id unless a retry policy asks again.
    case scheduleTask(TaskID, name: String, input: Payload, attempt: Int, firstAttempt: TaskID)
    case createTimer(TaskID, fireAt: Timestamp)
    case cancelTimer(TaskID)
    case setCustomStatus(Payload)
    case complete(Payload)
    case fail(Failure)
}

extension Decision {
    /// Custom status is not part of what replay compares.
    package var isCompared: Bool {
        if case .setCustomStatus = self { false } else { true }
    }

    /// Whether history recorded this decision. Compared are kind, number and name; inputs and times are not: code may
    /// change what it passes on, but not what it does.
    package func matches(_ event: HistoryEvent) -> Bool {
        switch (self, event) {
        case (.scheduleTask(let id, let name, _, _, _), .taskScheduled(let task)): id == task.id && name == task.name
        case (.createTimer(let id, _), .timerCreated(let recorded, _)): id == recorded
        case (.cancelTimer(let id), .timerCanceled(let recorded)): id == recorded
        case (.complete, .executionCompleted), (.fail, .executionFailed): true
        default: false
        }
    }
}

extension Decision: CustomStringConvertible {
    package var description: String {
        switch self {
        case .scheduleTask(let id, let name, _, _, _): "call activity '\(name)' (#\(id))"
        case .createTimer(let id, _): "create a timer (#\(id))"
        case .cancelTimer(let id): "cancel timer #\(id)"
        case .setCustomStatus: "set the custom status"
        case .complete: "complete"
        case .fail(let failure): "fail with \(failure.type)"
        }
    }
}

extension HistoryEvent {
    /// A short text for diagnoses; never shows payloads.
    package var summary: String {
        switch self {
        case .executionStarted(let name, _): "start of '\(name)'"
        case .taskCompleted(let id, _): "result of task #\(id)"
        case .taskFailed(let id, _): "failure of task #\(id)"
        case .timerFired(let id): "firing of timer #\(id)"
        case .eventRaised(let name, _): "event '\(name)'"
        case .executionSuspended: "suspension"
        case .executionResumed: "resumption"
        case .executionTerminated: "termination"
        case .executionRewound: "rewind"
        case .taskScheduled(let task): "call activity '\(task.name)' (#\(task.id))"
        case .timerCreated(let id, _): "create a timer (#\(id))"
        case .timerCanceled(let id): "cancel timer #\(id)"
        case .customStatusSet: "set the custom status"
        case .executionCompleted: "complete"
        case .executionFailed(let failure): "fail with \(failure.type)"
        }
    }
}
