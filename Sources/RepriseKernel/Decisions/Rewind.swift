/// Rewinding a failed execution: which of its steps count as undone, and what is done again.
///
/// ```
///  start   task 1 failed   task 2 completed │ rewound            task 1' …
///          task 3 failed → the code failed  │ undone: the steps of both failures; tasks 1 and 3 go out again
/// ```
///
/// Nothing is removed from history: the rewind is an event of its own and names the steps, so that every later replay
/// sees the same, whatever a later release would choose.
package enum Rewind {
    /// One way to rewind an execution.
    package struct Plan: Equatable, Sendable {
        /// Steps that count as undone, ascending.
        package var undone: [Int]
        /// The event of the last one, when it is applied again instead of requesting a new result.
        package var again: HistoryEvent?
        /// Tasks to be retried as if they had never run: with a fresh token and a fresh idempotency key.
        package var retried: Set<TaskID>

        package init(undone: [Int], again: HistoryEvent?, retried: Set<TaskID>) {
            self.undone = undone
            self.again = again
            self.retried = retried
        }

        /// The steps that stand.
        package func standing(_ steps: [Replay.Step]) -> [Replay.Step] {
            var steps = steps
            Rewind.undo(undone, in: &steps)
            return steps
        }
    }

    static func undo(_ undone: [Int], in steps: inout [Replay.Step]) {
        if let last = steps.indices.last { steps[last].removeFailure() }
        for index in undone.reversed() where steps.indices.contains(index) { steps.remove(at: index) }
    }

    /// The plans to try for a failed execution, best first: the first one whose steps the code still takes is the right
    /// one.
    ///
    /// - Where the engine stopped the code (a trap, a changed program), its last step is done again as it was.
    /// - Where the code itself failed, the failed tasks that it was waiting for, and the one it failed with, are tried
    ///   again; the retries of a call begin from the first. A failure that the code had handled stays handled.
    package static func plans(for steps: [Replay.Step]) -> [Plan] {
        guard let last = steps.indices.last, let failure = steps[last].failure else { return [] }
        let event = steps[last].record.event
        let isVerdict = Failure.Kind.verdicts.contains(failure.type)
        // A completed step stands; the one that was stopped was the next.
        guard event.reachesCode, !isVerdict || steps[last].decisions.count == 1 else {
            return [Plan(undone: [], again: nil, retried: [])]
        }
        guard !isVerdict else { return [Plan(undone: [last], again: event, retried: [])] }

        let call = firstOfCall(endingAt: last, in: steps)
        let waitedWith = steps[..<call].indices.filter { steps[$0].failedTask != nil && steps[$0].decisions.isEmpty }
        var plans = [plan(waitedWith + (call...last), in: steps), plan(Array(call...last), in: steps)]
        if call != last { plans.append(plan([last], in: steps)) }
        if waitedWith.isEmpty { plans.removeFirst() }
        return plans
    }

    private static func plan(_ undone: [Int], in steps: [Replay.Step]) -> Plan {
        var again: HistoryEvent?
        if let last = undone.last, steps[last].failedTask == nil { again = steps[last].record.event }
        return Plan(undone: undone, again: again, retried: Set(undone.compactMap { steps[$0].failedTask }))
    }

    /// The step in which the call that failed last failed for the first time, if nothing but its retries happened since.
    private static func firstOfCall(endingAt last: Int, in steps: [Replay.Step]) -> Int {
        guard let task = steps[last].failedTask else { return last }
        var tasks: [TaskID: ScheduledTask] = [:]
        for case .taskScheduled(let task) in steps.flatMap(\.decisions) { tasks[task.id] = task }
        guard let key = tasks[task]?.key else { return last }
        func belongs(_ step: Replay.Step) -> Bool {
            guard step.decisions.count == 1 else { return false }
            switch (step.record.event, step.decisions[0]) {
            case (.taskFailed(let id, _), .timerCreated): return tasks[id]?.key == key
            case (.timerFired, .taskScheduled(let next)): return next.key == key
            default: return false
            }
        }
        var first = last
        for index in steps[..<last].indices.reversed() {
            // That a worker has begun, for example, does not concern the code.
            if !steps[index].record.event.reachesCode, steps[index].decisions.isEmpty { continue }
            guard belongs(steps[index]) else { break }
            first = index
        }
        return steps[first].failedTask == nil ? last : first
    }
}

extension Replay.Step {
    /// Why the execution ended after this step.
    fileprivate var failure: Failure? {
        if case .executionFailed(let failure)? = decisions.last { failure } else { nil }
    }

    fileprivate var failedTask: TaskID? {
        if case .taskFailed(let id, _) = record.event { id } else { nil }
    }
}
