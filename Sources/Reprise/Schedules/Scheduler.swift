import Foundation
import RepriseKernel

/// The orchestrator behind ``Schedule``.
///
/// ```
///  one generation:  sleep until due ──► start ──► as new                       (allowAll: it waits for nothing it starts)
///                   sleep until due ──► start ──► wait for its end ──► as new  (any other policy)
///                        └─ pause, unpause, trigger, backfill ──► as new; noted while something runs
/// ```
/// So a history is as long as one run and the events in it, however long the schedule lives.
package struct Scheduler: Orchestrator {
    package static let name = Schedule.orchestrator

    package static let events: [any ExternalEvent.Type] = [
        Schedule.Pause.self, Schedule.Unpause.self, Schedule.Trigger.self, Schedule.Backfill.self,
    ]

    package typealias Status = ScheduleStatus

    package init() {}

    package func run(_ context: OrchestrationContext, input: Schedule) async throws -> ScheduleStatus {
        try Schedule.check(id: context.instanceID)
        var period = try SchedulePeriod(input, context)
        guard period.isDue else {
            try period.publish()
            return period.status
        }
        return try await withThrowingTaskGroup(of: SchedulePeriod.Happening.self) { group in
            defer { group.cancelAll() }
            while true {
                if let run = try period.takeRun() {
                    group.addTask { [schedule = period.schedule] in try await context.end(of: run, schedule) }
                }
                try period.continueUnlessRunning()
                // Before the events: the first release, too, gave its timer the first number.
                if let time = period.takeTimer() { group.addTask { try await context.due(at: time) } }
                for event in period.takeUnheard() { group.addTask { try await context.next(event) } }
                try period.publish()
                guard let happening = try await group.next() else { throw CancellationError() }
                try period.take(happening)
            }
        }
    }
}

extension OrchestrationContext {
    fileprivate func due(at time: Date) async throws -> SchedulePeriod.Happening {
        try await sleep(until: time)
        return .due
    }

    fileprivate func next(_ event: SchedulePeriod.Event) async throws -> SchedulePeriod.Happening {
        switch event {
        case .pause: .pause(try await wait(for: Schedule.Pause.self))
        case .unpause: .unpause(try await wait(for: Schedule.Unpause.self))
        case .trigger: .trigger(try await wait(for: Schedule.Trigger.self))
        case .backfill: .backfill(try await wait(for: Schedule.Backfill.self))
        }
    }

    fileprivate func end(of run: InstanceID, _ schedule: Schedule) async throws -> SchedulePeriod.Happening {
        do {
            try await callOrchestrator(
                schedule.name,
                schedule.input,
                returning: JSON.self,
                id: run,
                version: schedule.version,
                tags: schedule.tags
            )
            return .ended(nil)
        } catch let failure as SubOrchestrationFailed {
            return .ended(failure.description)
        }
    }
}
