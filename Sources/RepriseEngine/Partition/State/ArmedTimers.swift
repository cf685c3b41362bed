package import RepriseKernel

/// A partition's armed timers, soonest first (by instance and task where they are due at once), and the changes of the
/// current batch.
package struct ArmedTimers: Sendable {
    private var queue = DueQueue<TimerSubject>()
    private var changes = RowChanges<TimerRow>()
    /// When those that were put off are due in the journal.
    private var stored: [TimerSubject: Timestamp] = [:]

    package init(_ rows: [TimerRow] = []) {
        for row in rows { queue.arm(row.subject, due: row.due) }
    }

    package var count: Int { queue.count }
    /// Places taken in memory, canceled timers included.
    package var places: Int { queue.places }

    /// An existing timer of the same subject moves to the new time.
    package mutating func arm(_ timer: TimerRow) {
        if let due = stored[timer.subject] ?? queue.due(of: timer.subject) {
            guard due != timer.due || stored[timer.subject] != nil else { return }
            stored[timer.subject] = nil
            guard due != timer.due else { return queue.arm(timer.subject, due: due) }
            remove(TimerRow(timer.subject, due: due))
            // It moves back to where the journal has it.
            changes.removed.removeAll { $0 == timer }
        }
        queue.arm(timer.subject, due: timer.due)
        changes.write(timer)
    }

    package mutating func disarm(_ subject: TimerSubject) {
        if let due = queue.disarm(subject) { remove(TimerRow(subject, due: takeStored(subject) ?? due)) }
    }

    private mutating func takeStored(_ subject: TimerSubject) -> Timestamp? {
        stored.isEmpty ? nil : stored.removeValue(forKey: subject)
    }

    /// A timer that was taken is due later after all. Only in memory: for the next process it is due when it was.
    package mutating func putOff(_ timer: TimerRow, until due: Timestamp) {
        queue.arm(timer.subject, due: due)
        stored[timer.subject] = timer.due
    }

    /// From this batch, if it came with it, and otherwise from the journal.
    private mutating func remove(_ timer: TimerRow) {
        if let index = changes.written.firstIndex(of: timer) {
            changes.written.remove(at: index)
        } else {
            changes.remove(timer)
        }
    }

    func isArmed(_ subject: TimerSubject) -> Bool { queue.due(of: subject) != nil }

    /// When the soonest timer is due.
    package mutating func nextDue() -> Timestamp? { queue.nextDue() }

    /// Takes the soonest timer if it is due. Its row stays until ``clear(_:)``: what it is for may end the process.
    package mutating func takeDue(at now: Timestamp) -> TimerRow? {
        guard let (subject, due) = queue.takeDue(at: now) else { return nil }
        return TimerRow(subject, due: takeStored(subject) ?? due)
    }

    /// What it was for is in the batch.
    mutating func clear(_ timer: TimerRow) { changes.remove(timer) }

    package mutating func takeChanges(into commit: inout JournalCommit) { swap(&commit.timers, &changes) }
}
