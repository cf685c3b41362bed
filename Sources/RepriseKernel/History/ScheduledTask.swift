/// Numbers what an execution schedules, from 1, in the order it asked.
package struct TaskID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var value: Int64
    package init(_ value: Int64) { self.value = value }
    package static func < (a: Self, b: Self) -> Bool { a.value < b.value }
    package var description: String { String(value) }
}

/// Who does a task.
package enum TaskTarget: Equatable, Sendable {
    case activity
    /// A sub-orchestration. `takesUp`: one that failed before is rewound.
    case orchestration(InstanceID, version: String?, tags: [String: String], takesUp: Bool)
    /// An operation of an entity, perhaps within a critical section.
    case entity(EntityID, section: LockNumber?)
    /// The lock over several entities, sorted, each once.
    case lock([EntityID])
}

/// How long an attempt at an activity may take.
package struct TaskTimeouts: Equatable, Sendable {
    /// Until a worker has begun.
    package var scheduleToStart: Duration?
    /// From then until it has answered.
    package var startToClose: Duration?

    package init(scheduleToStart: Duration? = nil, startToClose: Duration? = nil) {
        self.scheduleToStart = scheduleToStart
        self.startToClose = startToClose
    }

    package var isNone: Bool { scheduleToStart == nil && startToClose == nil }
}

/// What the idempotency key of a call says besides hub and partition: never the same for two calls.
package struct TaskKey: Hashable, Sendable, ExpressibleByIntegerLiteral {
    /// The partition's outbound number of the first attempt.
    package var number: OutboundNumber
    /// Drawn by the owner that gave the number. A journal that comes from a backup, a partition that was begun anew and a log
    /// that has lost its end give numbers that were given before, but not in the same life. 0 in the first release.
    package var life: UInt64

    package init(_ number: OutboundNumber, life: UInt64) {
        self.number = number
        self.life = life
    }

    package init(integerLiteral number: Int64) { self.init(OutboundNumber(rawValue: number), life: 0) }

    /// `hub.partition.life.number`; of the first release, whose calls may still be open, `hub.partition.number`.
    package func text(_ hub: HubName, _ partition: PartitionNumber) -> String {
        life == 0 ? "\(hub).\(partition).\(number)" : "\(hub).\(partition).\(lifeText).\(number)"
    }

    package var lifeText: String { DerivedIdentity.hex(life) }
}

/// One attempt at a task, as history remembers it.
package struct ScheduledTask: Equatable, Sendable {
    package var id: TaskID
    /// Of the activity, the orchestrator or the operation.
    package var name: String
    package var input: Payload
    package var target: TaskTarget
    package var timeouts: TaskTimeouts
    /// From 1; a retry policy counts on.
    package var attempt: Int
    /// That of the first attempt: all attempts carry the idempotency key made of it.
    package var key: TaskKey
    /// 128 random bits that only whoever does this attempt learns.
    package var secret: TaskSecret

    package init(
        id: TaskID,
        name: String,
        input: Payload,
        target: TaskTarget = .activity,
        timeouts: TaskTimeouts = TaskTimeouts(),
        attempt: Int,
        key: TaskKey,
        secret: TaskSecret
    ) {
        self.id = id
        self.name = name
        self.input = input
        self.target = target
        self.timeouts = timeouts
        self.attempt = attempt
        self.key = key
        self.secret = secret
    }
}

package struct TaskSecret: Hashable, Sendable {
    package var high: UInt64
    package var low: UInt64
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// A message that an execution sent and does not wait for.
package struct SentMessage: Equatable, Sendable {
    /// 0 when the engine sent it on the execution's behalf, as at its end.
    package var id: TaskID
    package var to: InstanceID
    package var action: Command.Action
    /// Of the owner that sent it, as in ``TaskKey``. What code has sent goes by another key, and has none.
    package var life: UInt64

    package init(id: TaskID, to: InstanceID, action: Command.Action, life: UInt64 = 0) {
        self.id = id
        self.to = to
        self.action = action
        self.life = life
    }
}
