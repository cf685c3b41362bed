/// What is true of every event of one kind, whatever it contains.
package struct EventFacts: Sendable {
    package struct Traits: OptionSet, Sendable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }

        /// The orchestrator's code decided it; any other event reached the instance, or comes from the engine.
        package static let isDecision = Self(rawValue: 1)
        /// It reaches the orchestrator's code.
        package static let reachesCode = Self(rawValue: 2)
        /// Replay looks at it.
        package static let isReplayed = Self(rawValue: 4)
        /// It has a status version, and is published to observers.
        package static let isPublished = Self(rawValue: 8)
        /// It sends a message besides that.
        package static let isSent = Self(rawValue: 16)
    }

    /// The name of such an event for people and programs.
    package let word: String
    package let traits: Traits

    fileprivate init(_ word: String, _ traits: Traits) {
        self.word = word
        self.traits = traits
    }
}

extension HistoryEvent {
    /// One line for each kind of event: adding a kind means stating here everything that others need to know about it.
    package var facts: EventFacts {
        switch self {
        case .executionScheduled: EventFacts("ExecutionScheduled", [.isReplayed, .isPublished])
        case .executionStarted: EventFacts("ExecutionStarted", [.reachesCode, .isReplayed, .isPublished])
        case .taskStarted: EventFacts("TaskStarted", .isReplayed)
        case .taskProgressed: EventFacts("TaskProgressed", .isReplayed)
        case .taskCompleted: EventFacts("TaskCompleted", [.reachesCode, .isReplayed])
        case .taskFailed: EventFacts("TaskFailed", [.reachesCode, .isReplayed])
        case .timerFired: EventFacts("TimerFired", [.reachesCode, .isReplayed])
        case .eventRaised: EventFacts("EventRaised", [.reachesCode, .isReplayed])
        case .executionSuspended: EventFacts("ExecutionSuspended", [.isReplayed, .isPublished])
        case .executionResumed: EventFacts("ExecutionResumed", [.isReplayed, .isPublished])
        case .executionTerminated: EventFacts("ExecutionTerminated", [.isReplayed, .isPublished])
        case .cancelRequested: EventFacts("CancelRequested", [.reachesCode, .isReplayed, .isPublished])
        case .executionRewound: EventFacts("ExecutionRewound", [.isReplayed, .isPublished])

        case .taskScheduled: EventFacts("TaskScheduled", [.isDecision, .isReplayed, .isSent])
        case .timerCreated: EventFacts("TimerCreated", [.isDecision, .isReplayed])
        case .timerCanceled: EventFacts("TimerCanceled", [.isDecision, .isReplayed])
        case .taskAbandoned: EventFacts("TaskAbandoned", [.isDecision, .isReplayed])
        // One without a number is the engine's, and not the code's.
        case .messageSent(let message) where message.id.value == 0: EventFacts("MessageSent", [.isDecision, .isSent])
        case .messageSent: EventFacts("MessageSent", [.isDecision, .isReplayed, .isSent])
        case .customStatusSet: EventFacts("CustomStatusSet", [.isDecision, .isPublished])
        case .executionCompleted: EventFacts("ExecutionCompleted", [.isDecision, .isReplayed, .isPublished])
        case .executionFailed: EventFacts("ExecutionFailed", [.isDecision, .isReplayed, .isPublished])
        case .executionCanceled(_, true): EventFacts("ExecutionCanceled", [.isReplayed, .isPublished])
        case .executionCanceled: EventFacts("ExecutionCanceled", [.isDecision, .isReplayed, .isPublished])
        case .executionContinued: EventFacts("ExecutionContinued", [.isDecision, .isReplayed])

        case .parentNotified: EventFacts("ParentNotified", .isSent)
        case .parentAddressed: EventFacts("ParentAddressed", [])

        case .entityRequested: EventFacts("EntityRequested", [])
        case .entityAnswered: EventFacts("EntityAnswered", .isSent)
        case .entityStored: EventFacts("EntityStored", .isPublished)
        }
    }

    package var isDecision: Bool { facts.traits.contains(.isDecision) }
    var isReplayed: Bool { facts.traits.contains(.isReplayed) }
    package var isPublished: Bool { facts.traits.contains(.isPublished) }
    var reachesCode: Bool { facts.traits.contains(.reachesCode) }
}

extension HistoryRecord {
    /// Outbound messages are not stored: they are derived from the history that decided them.
    package var isOutbound: Bool { version != nil || event.facts.traits.contains(.isSent) }
}

// What only some kinds of event have.
extension HistoryEvent {
    /// How it is published to observers; nil for what is not published.
    package var statusChange: StatusChangeFacts? {
        switch self {
        case .executionScheduled(let start):
            StatusChangeFacts(kind: .scheduled, payload: start.input, traits: start.traits)
        case .executionStarted(let start):
            StatusChangeFacts(
                kind: start.generation == 0 ? .started : .continuedAsNew,
                payload: start.input,
                traits: start.traits
            )
        case .customStatusSet(let status): StatusChangeFacts(kind: .customStatusSet, payload: status)
        case .executionCompleted(let output): StatusChangeFacts(kind: .completed, payload: output)
        case .executionFailed(let failure):
            StatusChangeFacts(kind: .failed, payload: .string(failure.description), failure: failure)
        case .executionTerminated(let reason): StatusChangeFacts(kind: .terminated, payload: reason)
        case .cancelRequested(let cancellation): StatusChangeFacts(kind: .cancelRequested, payload: cancellation.reason)
        case .executionCanceled(let reason, _): StatusChangeFacts(kind: .canceled, payload: reason)
        case .executionSuspended(let reason): StatusChangeFacts(kind: .suspended, payload: reason)
        case .executionResumed(let reason): StatusChangeFacts(kind: .resumed, payload: reason)
        case .executionRewound(let reason, _): StatusChangeFacts(kind: .rewound, payload: reason)
        case .entityStored(let state): StatusChangeFacts(kind: .entityChanged, payload: state.state ?? .null)
        case .taskScheduled, .taskStarted, .taskProgressed, .taskCompleted, .taskFailed, .timerCreated, .timerFired,
            .timerCanceled,
            .taskAbandoned,
            .eventRaised, .messageSent, .executionContinued, .parentNotified, .parentAddressed, .entityRequested,
            .entityAnswered:
            nil
        }
    }

    /// What the end of an execution means to the task that waits for it.
    package var outcome: TaskResult.Outcome? {
        switch self {
        case .executionCompleted(let output): .completed(output)
        case .executionFailed(let failure): .failed(failure)
        case .executionTerminated(let reason): .ended(Failure.Kind.terminated, "it was terminated", reason)
        case .executionCanceled(let reason, _): .ended(Failure.Kind.canceled, "it was canceled", reason)
        default: nil
        }
    }

    /// The custom status it set; nil when it did not change it.
    package var customStatus: Payload? {
        switch self {
        case .customStatusSet(let status): status
        case .executionStarted(let start): start.customStatus
        case .entityStored(let state): state.state ?? .null
        default: nil
        }
    }

    /// The task or timer that it answers.
    package var answered: TaskID? {
        switch self {
        case .taskCompleted(let id, _), .taskFailed(let id, _), .timerFired(let id): id
        default: nil
        }
    }

    /// Something that waits for the code to ask for it.
    package var isEarly: Bool { if case .eventRaised = self { true } else { false } }

    /// A request to cancel that waits for the code, whichever generation that is.
    package var isCancelRequest: Bool { if case .cancelRequested = self { true } else { false } }

    /// The last report of a task that is open, kept until it ends.
    package var isProgress: Bool { if case .taskProgressed = self { true } else { false } }

    /// A start that waits for code of its version.
    package var isStart: Bool { if case .executionStarted = self { true } else { false } }

    /// A short text for diagnoses; never shows payloads.
    package var summary: String {
        switch self {
        case .executionScheduled(let start): "scheduling of '\(start.name)'"
        case .executionStarted(let start): "start of '\(start.name)'"
        case .taskStarted(let id): "begin of task #\(id)"
        case .taskProgressed(let id, _): "progress of task #\(id)"
        case .taskCompleted(let id, _): "result of task #\(id)"
        case .taskFailed(let id, _): "failure of task #\(id)"
        case .timerFired(let id): "firing of timer #\(id)"
        case .eventRaised(let name, _): "event '\(name)'"
        case .executionSuspended: "suspension"
        case .executionResumed: "resumption"
        case .executionTerminated: "termination"
        case .cancelRequested: "request to cancel"
        case .executionRewound: "rewind"
        case .taskScheduled(let task): "call \(task.target.kind) '\(task.name)' (#\(task.id))"
        case .timerCreated(let id, _): "create a timer (#\(id))"
        case .timerCanceled(let id): "cancel timer #\(id)"
        case .taskAbandoned(let id): "give up task #\(id)"
        case .customStatusSet: "set the custom status"
        case .executionCompleted: "complete"
        case .messageSent(let message): message.summary
        case .executionFailed(let failure): "fail with \(failure.type)"
        case .executionCanceled: "cancel"
        case .executionContinued: "continue as new"
        case .parentNotified: "notice to the parent"
        case .parentAddressed: "new address of the parent"
        case .entityRequested(let request): "request of \(Command.Action.operate(request).name ?? "a lock")"
        case .entityAnswered: "answer of an entity"
        case .entityStored: "state of an entity"
        }
    }
}

extension TaskResult.Outcome {
    /// Someone ended it, for a reason.
    fileprivate static func ended(_ kind: String, _ what: String, _ reason: Payload) -> Self {
        .failed(
            Failure(type: kind, message: reason.isNull ? what : "\(what): \(reason.text)", isNonRetriable: true)
        )
    }
}
