/// One attempt at an activity on its way to a worker.
package struct TaskMessage: Equatable, Sendable {
    package var instance: InstanceID
    package var incarnation: Incarnation
    package var task: ScheduledTask

    package init(instance: InstanceID, incarnation: Incarnation, task: ScheduledTask) {
        self.instance = instance
        self.incarnation = incarnation
        self.task = task
    }

    package var token: TaskToken {
        TaskToken(incarnation: incarnation, task: task.id, attempt: task.attempt, secret: task.secret)
    }
}

/// What a worker returns with its answer: it identifies the attempt and proves that the worker was asked.
package struct TaskToken: Hashable, Sendable, CustomStringConvertible {
    package var incarnation: Incarnation
    package var task: TaskID
    package var attempt: Int
    package var secret: TaskSecret

    package init(incarnation: Incarnation, task: TaskID, attempt: Int, secret: TaskSecret) {
        self.incarnation = incarnation
        self.task = task
        self.attempt = attempt
        self.secret = secret
    }

    /// `incarnation.task.attempt.secret`; workers treat it as opaque.
    package var description: String {
        let bits = [secret.high, secret.low].flatMap { half in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> UInt64($0)) }
        }
        return "\(incarnation).\(task).\(attempt).\(DerivedIdentity.hex(bits))"
    }

    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, let incarnation = Int64(parts[0]).map(Incarnation.init), let task = Int64(parts[1]),
            let attempt = Int(parts[2]),
            parts[3].utf8.count == 32,
            let high = UInt64(parts[3].prefix(16), radix: 16), let low = UInt64(parts[3].suffix(16), radix: 16)
        else { return nil }
        self.init(
            incarnation: incarnation,
            task: TaskID(task),
            attempt: attempt,
            secret: TaskSecret(high: high, low: low)
        )
        // One token, one text: number parsing would also accept "+1", "01" and capitals.
        guard description == text else { return nil }
    }
}

/// A worker's answer to a task.
package struct TaskResult: Equatable, Sendable {
    package enum Outcome: Equatable, Sendable {
        case completed(Payload)
        case failed(Failure)
        /// A worker has begun; reported when a timeout requires it.
        case started
        /// These entities are now locked for the caller.
        case granted([EntityID])
    }

    package var instance: InstanceID
    package var token: TaskToken
    package var outcome: Outcome

    package init(instance: InstanceID, token: TaskToken, outcome: Outcome) {
        self.instance = instance
        self.token = token
        self.outcome = outcome
    }
}

/// A message that cannot be processed, kept for people with the reason.
package struct DeadLetter: Equatable, Sendable {
    package var reason: String
    package var code: Rejection.Code
    /// The envelope as the edge knew it, and the body as far as it was kept; opaque to everything but the edge.
    package var original: [UInt8]

    package init(reason: String, code: Rejection.Code, original: [UInt8]) {
        self.reason = reason
        self.code = code
        self.original = original
    }
}
