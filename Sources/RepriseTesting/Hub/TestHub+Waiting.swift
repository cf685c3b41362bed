import Foundation
public import Reprise
import RepriseEngine
import RepriseKernel

extension TestHub {
    /// What an orchestration is waiting for, as text for the message of a failing test; also the events that were raised and
    /// that its code has not waited for yet.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance` when there is none with this id.
    public func whatItWaitsFor(_ id: some InstanceIDConvertible) throws -> String {
        let id: InstanceID = try id.checkedID()
        let work = try awaitedWork(of: id)
        let status = work.status
        let who = "'\(id)' (\(status.name)) is \(status.runtimeStatus.rawValue)"
        let waits = try obstacles(work, depth: 0)
        let unread = status.unreadEvents.map { "'\($0.name)'" }
        return (waits.isEmpty ? who : "\(who) and waits for \(waits.joined(separator: ", and for "))")
            + (unread.isEmpty ? "" : "; events that it has not read: \(unread.joined(separator: ", "))")
    }

    private func awaitedWork(of id: InstanceID) throws -> AwaitedWork {
        guard let work = try machine.awaitedWork(of: id) else { throw unknown(id) }
        return work
    }

    private func obstacles(_ work: AwaitedWork, depth: Int) throws -> [String] {
        var waits: [String] = []
        if work.status.runtimeStatus == .suspended { waits.append("someone to resume it") }
        if work.status.runtimeStatus == .pending {
            waits.append(pending(work.status))
        }
        waits += work.events.map { "the event '\($0)'" }
        for task in work.tasks { waits.append(try obstacle(task, depth: depth)) }
        waits += work.timers.map { "the timer that is due at \($0.date.formatted(.iso8601))" }
        return waits
    }

    private func pending(_ status: InstanceStatus) -> String {
        if let time = status.traits.startTime, time > machine.clock.now {
            return "its start at \(time.date.formatted(.iso8601))"
        }
        return "code of its version '\(status.traits.version ?? "")'"
    }

    private func obstacle(_ task: ScheduledTask, depth: Int) throws -> String {
        switch task.target {
        case .activity:
            let why = machine.workers.obstacle(to: task.name).map { " (\($0))" } ?? ""
            return "the activity '\(task.name)' (#\(task.id))\(why)"
        case .entity(let entity, _): return "the operation '\(task.name)' of the entity \(entity)"
        case .lock(let entities):
            return "the lock on \(entities.map(\.description).joined(separator: ", "))"
        case .orchestration(let child, _, _, _, _):
            let what = "the sub-orchestration '\(child)' (\(task.name))"
            // Deep enough to see the reason, and bounded even if calls form a cycle.
            guard depth < 8, let work = try? awaitedWork(of: child) else { return what }
            let waits = try obstacles(work, depth: depth + 1)
            return waits.isEmpty ? what : "\(what), which waits for \(waits.joined(separator: ", and for "))"
        }
    }
}
