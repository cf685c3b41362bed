/// One thing that happened to an instance: what reached it, or what its orchestrator decided.
///
/// History holds events in the order they were applied. Replay applies what reached the instance one event at a time
/// and expects the same decisions after each.
package enum HistoryEvent: Equatable, Sendable {
    // What reached the instance.
    /// It will begin later: at a time, or once its partition has code of its version.
    case executionScheduled(ExecutionStart)
    case executionStarted(ExecutionStart)
    /// A worker has begun the task; reported only for a task with a timeout. For a lock that a rewind requested again:
    /// the critical section has its entities again, and calls that follow immediately are handed out again, not
    /// decided.
    case taskStarted(TaskID)
    /// How far an attempt had got that failed: for the next one. Only of a task with a heartbeat limit.
    case taskProgressed(TaskID, Payload)
    case taskCompleted(TaskID, result: Payload)
    case taskFailed(TaskID, Failure)
    case timerFired(TaskID)
    case eventRaised(name: String, Payload)
    case executionSuspended(reason: Payload)
    case executionResumed(reason: Payload)
    case executionTerminated(reason: Payload)
    /// Everything that the code waits for throws `CancellationError`, and is waited for no longer. What the code asks for
    /// from here on is done as ever, so that it can clean up.
    case cancelRequested(Cancellation)
    /// A failed execution resumes. `undone` numbers the steps (``Replay/steps(of:)``) that count as undone from here
    /// on; tasks that follow immediately are handed out again, not decided.
    case executionRewound(reason: Payload, undone: [Int])

    // What its orchestrator decided.
    case taskScheduled(ScheduledTask)
    case timerCreated(TaskID, fireAt: Timestamp)
    case timerCanceled(TaskID)
    /// The code waits no longer for a sub-orchestration with a parent-close policy.
    case taskAbandoned(TaskID)
    case messageSent(SentMessage)
    /// Recorded for its readers; not compared in replay, so that changing status calls never breaks an instance.
    case customStatusSet(Payload)
    case executionCompleted(output: Payload)
    case executionFailed(Failure)
    /// After a request to cancel. `isForced`: not by the code's decision; it had not begun, or its clean-up took too
    /// long.
    case executionCanceled(reason: Payload, isForced: Bool)
    /// The end of one generation; holds what the next begins with.
    case executionContinued(ExecutionStart)

    // What the engine did about it.
    /// The end of a sub-orchestration was sent to the task that waits for it. Follows the event that ended it.
    case parentNotified(TaskAddress)
    /// The task that waits for the end goes by another address: its orchestration was rewound and asks again.
    case parentAddressed(TaskAddress)

    // Of entities.
    /// Waits for its turn: behind a lock, or for its time.
    case entityRequested(EntityRequest)
    case entityAnswered(TaskAddress, TaskResult.Outcome)
    /// The current state of the entity; everything before it no longer counts.
    case entityStored(EntityState)
}

extension HistoryEvent {
    /// A start with only an orchestrator and an input.
    package static func executionStarted(name: String, input: Payload) -> HistoryEvent {
        .executionStarted(ExecutionStart(name: name, input: input))
    }
}

/// An event with the time of its turn and, when it is published, its status version.
package struct HistoryRecord: Equatable, Sendable {
    package var event: HistoryEvent
    package var time: Timestamp
    /// The instance's status version that this event published, if it published one.
    package var version: Int64?

    package init(_ event: HistoryEvent, time: Timestamp, version: Int64? = nil) {
        self.event = event
        self.time = time
        self.version = version
    }
}
