/// A request to one entity.
package struct EntityRequest: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case operation(name: String, input: Payload)
        /// Locks this entity, and then each that follows it in the list, which is sorted.
        case lock([EntityID])
        case unlock
    }

    package var kind: Kind
    /// Who waits for the result; nil for a signal.
    package var caller: TaskAddress?
    /// The critical section it belongs to; a lock's own.
    package var section: CriticalSection?
    /// When a signal is due; at once when nil.
    package var due: Timestamp?

    package init(
        _ kind: Kind,
        caller: TaskAddress? = nil,
        section: CriticalSection? = nil,
        due: Timestamp? = nil
    ) {
        self.kind = kind
        self.caller = caller
        self.section = section
        self.due = due
    }
}

/// A request for a lock, among those of its execution.
package struct LockNumber: Hashable, Sendable {
    package var task: TaskID
    /// From 1. A rewind within the critical section asks again, and messages still on their way for the abandoned lock
    /// must not be taken for the new one's.
    package var attempt: Int

    package init(_ task: TaskID, attempt: Int = 1) {
        self.task = task
        self.attempt = attempt
    }
}

/// One stretch of an orchestration during which it alone may use some entities: identified by its request for the lock.
package struct CriticalSection: Hashable, Sendable, CustomStringConvertible {
    package var instance: InstanceID
    package var incarnation: Incarnation
    package var lock: LockNumber

    package init(instance: InstanceID, incarnation: Incarnation, lock: LockNumber) {
        self.instance = instance
        self.incarnation = incarnation
        self.lock = lock
    }

    /// `incarnation.task.instance`, or `incarnation.task~attempt.instance` for a lock that was requested again.
    package var description: String {
        let attempt = lock.attempt == 1 ? "" : "~\(lock.attempt)"
        return "\(incarnation).\(lock.task)\(attempt).\(instance)"
    }

    package init?(_ text: String) {
        // By scalars: an instance id may begin with a combining mark, which forms one character with the dot before it.
        let parts = text.unicodeScalars.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
            .map { String($0) }
        guard parts.count == 3, let incarnation = Int64(parts[0]).map(Incarnation.init),
            let instance = try? InstanceID(String(parts[2]))
        else {
            return nil
        }
        let numbers = parts[1].split(separator: "~", omittingEmptySubsequences: false)
        guard numbers.count <= 2, let task = Int64(numbers[0]), let attempt = numbers.count == 2 ? Int(numbers[1]) : 1
        else { return nil }
        self.init(instance: instance, incarnation: incarnation, lock: LockNumber(TaskID(task), attempt: attempt))
        guard description == text else { return nil }
    }
}

/// What an entity is between two operations.
package struct EntityState: Equatable, Sendable {
    /// Nil while it does not exist: before its first operation, and once it is deleted.
    package var state: Payload?
    /// The critical section that has it.
    package var section: CriticalSection?
    package var lastOperationTime: Timestamp

    package init(state: Payload? = nil, section: CriticalSection? = nil, lastOperationTime: Timestamp = .zero) {
        self.state = state
        self.section = section
        self.lastOperationTime = lastOperationTime
    }
}
