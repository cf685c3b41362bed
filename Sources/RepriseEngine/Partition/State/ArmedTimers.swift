package import RepriseKernel

/// A partition's armed timers, soonest first (by instance and task where they are due at once), and what the batch under
/// way changes of them.
package struct ArmedTimers: Sendable {
    private struct Key: Hashable, Comparable {
        var instance: InstanceKey
        var task: TaskID

        init(instance: InstanceKey, task: TaskID) {
            self.instance = instance
            self.task = task
        }

        init(_ row: TimerRow) { self.init(instance: row.instance, task: row.task) }

        static func < (a: Self, b: Self) -> Bool { (a.instance, a.task) < (b.instance, b.task) }
    }

    private var queue = DueQueue<Key>()
    private var set: [TimerRow] = []
    private var cleared: [TimerRow] = []

    package init(_ rows: [TimerRow] = []) {
        for row in rows { queue.arm(Key(row), due: row.due) }
    }

    package var count: Int { queue.count }
    /// Places taken in memory, canceled timers included.
    package var places: Int { queue.places }

    /// One of the same instance and task moves to the new time.
    package mutating func arm(_ timer: TimerRow) {
        queue.arm(Key(timer), due: timer.due)
        set.append(timer)
    }

    package mutating func disarm(instance: InstanceKey, task: TaskID) {
        guard let due = queue.disarm(Key(instance: instance, task: task)) else { return }
        let timer = TimerRow(instance: instance, task: task, due: due)
        if let index = set.firstIndex(of: timer) { set.remove(at: index) } else { cleared.append(timer) }
    }

    func isArmed(instance: InstanceKey, task: TaskID) -> Bool { queue.isArmed(Key(instance: instance, task: task)) }

    /// When the soonest timer is due.
    package mutating func nextDue() -> Timestamp? { queue.nextDue() }

    /// Takes the soonest timer if it is due. Its row stays until ``clear(_:)``: what it is for may end the process.
    package mutating func takeDue(at now: Timestamp) -> TimerRow? {
        queue.takeDue(at: now).map { TimerRow(instance: $0.key.instance, task: $0.key.task, due: $0.due) }
    }

    /// What it was for is in the batch.
    mutating func clear(_ timer: TimerRow) { cleared.append(timer) }

    package mutating func takeChanges(into commit: inout JournalCommit) {
        swap(&commit.timersSet, &set)
        swap(&commit.timersCleared, &cleared)
    }
}
