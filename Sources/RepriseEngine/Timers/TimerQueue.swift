package import RepriseKernel

/// A partition's armed timers, soonest first; by instance and task where they are due at once.
package struct TimerQueue: Sendable {
    private struct Key: Hashable, Comparable {
        var instance: Int64
        var task: TaskID

        static func < (a: Self, b: Self) -> Bool { (a.instance, a.task) < (b.instance, b.task) }
    }

    private var queue = DueQueue<Key>()

    package init() {}

    package var count: Int { queue.count }
    /// Places taken in memory, canceled timers included.
    package var places: Int { queue.places }

    package mutating func arm(_ timer: TimerRow) {
        queue.arm(Key(instance: timer.instance, task: timer.task), due: timer.due)
    }

    /// When it was due; nil when it was not armed.
    @discardableResult
    package mutating func disarm(instance: Int64, task: TaskID) -> Timestamp? {
        queue.disarm(Key(instance: instance, task: task))
    }

    func isArmed(instance: Int64, task: TaskID) -> Bool { queue.isArmed(Key(instance: instance, task: task)) }

    /// When the soonest timer is due.
    package mutating func nextDue() -> Timestamp? { queue.nextDue() }

    /// Takes the soonest timer if it is due.
    package mutating func takeDue(at now: Timestamp) -> TimerRow? {
        queue.takeDue(at: now).map { TimerRow(instance: $0.key.instance, task: $0.key.task, due: $0.due) }
    }
}
