/// One thing that happened to an instance: what reached it, or what its orchestrator decided.
///
/// History holds events in the order they were applied. Replay applies what reached the instance one event at a time
/// and expects the same decisions after each.
package enum HistoryEvent: Equatable, Sendable {
    // What reached the instance.
    case executionStarted(name: String, input: Payload)
    case taskCompleted(TaskID, result: Payload)
    case taskFailed(TaskID, Failure)
    case timerFired(TaskID)
    case eventRaised(name: String, Payload)
    case executionSuspended(reason: Payload)
    case executionResumed(reason: Payload)
    case executionTerminated(reason: Payload)
    /// A failed execution takes up again. `undone` numbers the steps (``Replay/steps(of:)``) that count as not happened
    /// from here on; tasks that follow at once are handed out once more, not decided.
    case executionRewound(reason: Payload, undone: [Int])

    // What its orchestrator decided.
    case taskScheduled(ScheduledTask)
    case timerCreated(TaskID, fireAt: Timestamp)
    case timerCanceled(TaskID)
    /// Recorded for its readers; not compared in replay, so that changing status calls never breaks an instance.
    case customStatusSet(Payload)
    case executionCompleted(output: Payload)
    case executionFailed(Failure)
}

/// Numbers what an execution schedules, from 1, in the order it asked.
package struct TaskID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var value: Int64
    package init(_ value: Int64) { self.value = value }
    package static func < (a: Self, b: Self) -> Bool { a.value < b.value }
    package var description: String { String(value) }
}

/// One attempt at an activity, as history remembers it.
package struct ScheduledTask: Equatable, Sendable {
    package var id: TaskID
    package var name: String
    package var input: Payload
    /// From 1; a retry policy counts on.
    package var attempt: Int
    /// The partition's outbound number of the first attempt: all attempts carry the idempotency key made of it.
    package var key: Int64
    /// 128 random bits that only the worker of this attempt learns.
    package var secret: TaskSecret

    package init(id: TaskID, name: String, input: Payload, attempt: Int, key: Int64, secret: TaskSecret) {
        self.id = id
        self.name = name
        self.input = input
        self.attempt = attempt
        self.key = key
        self.secret = secret
    }
}

package struct TaskSecret: Equatable, Sendable {
    package var high: UInt64
    package var low: UInt64
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// An event with the time of its turn and, when observers are told of it, its status version.
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

    /// Outbound messages are not stored: they are read off the history that decided them.
    package var isOutbound: Bool {
        if version != nil { return true }
        if case .taskScheduled = event { return true }
        return false
    }
}

extension HistoryEvent {
    /// True for what an orchestrator decided, as opposed to what reached it.
    package var isDecision: Bool {
        switch self {
        case .taskScheduled, .timerCreated, .timerCanceled, .customStatusSet, .executionCompleted, .executionFailed:
            true
        case .executionStarted, .taskCompleted, .taskFailed, .timerFired, .eventRaised, .executionSuspended,
            .executionResumed, .executionTerminated, .executionRewound:
            false
        }
    }
}
