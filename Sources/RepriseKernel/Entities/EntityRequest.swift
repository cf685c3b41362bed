/// What somebody asks of one entity.
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
    /// The critical section on whose behalf it comes; a lock's own.
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

/// One stretch of an orchestration during which it alone may use some entities: named by the task that asked for the lock.
package struct CriticalSection: Hashable, Sendable, CustomStringConvertible {
    package var instance: InstanceID
    package var incarnation: Int64
    package var task: TaskID

    package init(instance: InstanceID, incarnation: Int64, task: TaskID) {
        self.instance = instance
        self.incarnation = incarnation
        self.task = task
    }

    /// `incarnation.task.instance`.
    package var description: String { "\(incarnation).\(task).\(instance)" }

    package init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let incarnation = Int64(parts[0]), let task = Int64(parts[1]),
            let instance = try? InstanceID(String(parts[2]))
        else { return nil }
        self.init(instance: instance, incarnation: incarnation, task: TaskID(task))
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
