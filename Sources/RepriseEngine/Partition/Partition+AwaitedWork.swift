import Reprise
package import RepriseKernel

/// What an instance that has not ended waits for, for people who wonder why nothing happens.
package struct AwaitedWork: Sendable {
    package var status: InstanceStatus
    /// The names of events.
    package var events: [String] = []
    /// Its open tasks, in the order they were scheduled.
    package var tasks: [ScheduledTask] = []
    package var timers: [Timestamp] = []
}

extension Partition {
    /// Found by a separate replay as of the last commit, which changes nothing; nil when there is no such instance.
    package func awaitedWork(of id: InstanceID) throws(JournalError) -> AwaitedWork? {
        guard let row = try journal.instance(id) else { return nil }
        var work = AwaitedWork(status: try statuses.status(of: row))
        work.status.unreadEvents = try journal.unreadEvents(of: row)
        guard !row.runtimeStatus.isEnded, !id.isEntity, let orchestrator = orchestrators[row.name] else { return work }
        let steps = Replay.steps(of: try journal.history(of: row))
        let open = OpenWork(after: steps)
        work.tasks = open.tasks.values.sorted { $0.id < $1.id }
        work.timers = open.timers.values.sorted()
        let session = makeSession(for: row, orchestrator)
        if replay(steps, of: row, in: session) == nil { work.events = session.awaitedEvents }
        marker.enter(id)
        session.evict()
        marker.leave()
        return work
    }
}
