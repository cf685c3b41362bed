import RepriseKernel
import Testing

@Suite("A rewind undoes what led to the failure, and nothing else")
struct RewindPlanTests {
    private static func task(_ id: Int64, attempt: Int = 1, key: Int64? = nil) -> HistoryEvent {
        .taskScheduled(
            ScheduledTask(
                id: TaskID(id),
                name: "A",
                input: .null,
                attempt: attempt,
                key: TaskKey(OutboundNumber(rawValue: key ?? id), life: 0),
                secret: TaskSecret(high: 1, low: 2)
            )
        )
    }

    private static let start = HistoryEvent.executionStarted(name: "O", input: .null)
    private static let down = Failure(type: "Down", message: "")
    private static let failed = HistoryEvent.executionFailed(Failure(type: "ActivityFailed", message: ""))
    private static let trapped = HistoryEvent.executionFailed(Failure(type: "OrchestratorTrapped", message: ""))

    private func steps(_ events: HistoryEvent...) -> [Replay.Step] {
        Replay.steps(of: events.map { HistoryRecord($0, time: .zero) })
    }

    @Test("A failed call after a failure that was dealt with")
    func dealtWith() {
        let steps = steps(
            Self.start,
            Self.task(1),
            .taskFailed(TaskID(1), Self.down),
            Self.task(2),
            .taskFailed(TaskID(2), Self.down),
            Self.failed
        )
        #expect(Rewind.plans(for: steps) == [Rewind.Plan(undone: [2], again: nil, retried: [TaskID(2)])])
    }

    @Test("Failures that the code waited with go first; only the last one, where that does not fit")
    func waitedWith() {
        let steps = steps(
            Self.start,
            Self.task(1),
            Self.task(2),
            Self.task(3),
            .taskFailed(TaskID(1), Self.down),
            .taskFailed(TaskID(2), Self.down),
            .taskCompleted(TaskID(3), result: .null),
            Self.failed
        )
        let again = HistoryEvent.taskCompleted(TaskID(3), result: .null)
        #expect(
            Rewind.plans(for: steps) == [
                Rewind.Plan(undone: [1, 2, 3], again: again, retried: [TaskID(1), TaskID(2)]),
                Rewind.Plan(undone: [3], again: again, retried: []),
            ]
        )
    }

    @Test("A call with retries begins from its first attempt")
    func retries() {
        let steps = steps(
            Self.start,
            Self.task(1),
            .taskFailed(TaskID(1), Self.down),
            .timerCreated(TaskID(2), fireAt: .zero),
            .timerFired(TaskID(2)),
            Self.task(3, attempt: 2, key: 1),
            .taskFailed(TaskID(3), Self.down),
            Self.failed
        )
        let plan = Rewind.plans(for: steps)[0]
        #expect(plan.undone == [1, 2, 3])
        #expect(OpenWork(after: plan.standing(steps)).tasks.keys.sorted() == [TaskID(1)])
    }

    @Test("That a worker had begun an attempt is nothing to the call")
    func retriesThatWorkersBegan() {
        let steps = steps(
            Self.start,
            Self.task(1),
            .taskStarted(TaskID(1)),
            .taskFailed(TaskID(1), Self.down),
            .timerCreated(TaskID(2), fireAt: .zero),
            .timerFired(TaskID(2)),
            Self.task(3, attempt: 2, key: 1),
            .taskStarted(TaskID(3)),
            .taskFailed(TaskID(3), Self.down),
            Self.failed
        )
        let plan = Rewind.plans(for: steps)[0]
        #expect(plan.retried == [TaskID(1), TaskID(3)])
        #expect(OpenWork(after: plan.standing(steps)).tasks.keys.sorted() == [TaskID(1)])
    }

    @Test("A task that is handed out again has not begun")
    func begunBefore() {
        var open = OpenWork(after: steps(Self.start, Self.task(1), .taskStarted(TaskID(1))))
        #expect(open.started == [TaskID(1)])
        open.fold(Self.task(1))
        #expect(open.started.isEmpty)
    }

    @Test("A step that was taken in full before the engine stopped the code stands")
    func verdictBetweenSteps() {
        let steps = steps(
            Self.start,
            Self.task(1),
            .taskCompleted(TaskID(1), result: .null),
            Self.task(2),
            Self.trapped
        )
        #expect(Rewind.plans(for: steps) == [Rewind.Plan(undone: [], again: nil, retried: [])])
    }

    @Test("A step in which the engine stopped the code is taken again")
    func verdictInAStep() {
        let steps = steps(Self.start, Self.task(1), .taskFailed(TaskID(1), Self.down), Self.trapped)
        #expect(
            Rewind.plans(for: steps) == [
                Rewind.Plan(undone: [1], again: .taskFailed(TaskID(1), Self.down), retried: [])
            ]
        )
    }

    @Test("What history shows after a rewind is what stands, and a second rewind counts from there")
    func twice() {
        let history: [HistoryEvent] = [
            Self.start, Self.task(1), .taskFailed(TaskID(1), Self.down), Self.failed,
            .executionRewound(reason: .null, undone: [1]), Self.task(1, key: 7),
            .taskFailed(TaskID(1), Self.down), Self.failed,
        ]
        let first = Replay.steps(of: history.prefix(6).map { HistoryRecord($0, time: .zero) })
        #expect(first.map(\.record.event) == [Self.start, history[4]])
        #expect(OpenWork(after: first).tasks[TaskID(1)]?.key == 7)
        #expect(Replay.difference(after: first[1], decided: []) == nil)
        let second = Replay.steps(of: history.map { HistoryRecord($0, time: .zero) })
        #expect(Rewind.plans(for: second) == [Rewind.Plan(undone: [2], again: nil, retried: [TaskID(1)])])
    }

    @Test("Step numbers that do not exist are passed over")
    func outOfRange() {
        let steps = steps(Self.start, Self.failed, .executionRewound(reason: .null, undone: [-1, 0, 9, .max]))
        #expect(steps.map(\.record.event.summary) == ["rewind"])
    }
}
