import RepriseKernel
import Testing

@Suite("What an execution still waits for")
struct OpenWorkTests {
    private func task(_ id: Int64, _ target: TaskTarget = .activity) -> ScheduledTask {
        ScheduledTask(
            id: TaskID(id),
            name: "A",
            input: .null,
            target: target,
            attempt: 1,
            key: 9,
            secret: TaskSecret(high: 1, low: 2)
        )
    }

    @Test("Told to clean up, it waits for nothing any more, and keeps what it has locked")
    func canceled() throws {
        let entity = try EntityID("Account", "a")
        var open = OpenWork()
        open.fold(.taskScheduled(task(1, .lock([entity]))))
        open.fold(.taskCompleted(TaskID(1), result: .null))
        open.fold(.taskScheduled(task(2)))
        open.fold(.taskStarted(TaskID(2)))
        open.fold(.timerCreated(TaskID(3), fireAt: .zero))
        open.fold(.cancelRequested(Cancellation(reason: .null, grace: .zero)))
        #expect(open.tasks.isEmpty && open.timers.isEmpty && open.started.isEmpty)
        #expect(open.locked == [TaskID(1): [entity]])
        open.fold(.taskScheduled(task(4)))
        #expect(open.tasks.keys.map(\.value) == [4], "what it asks for from then on is waited for")
        open.fold(.executionCanceled(reason: .null, isForced: false))
        #expect(open == OpenWork())
    }

    @Test("A call that is given up is waited for no longer")
    func abandoned() {
        var open = OpenWork()
        let child = InstanceID(trusted: "c")
        open.fold(
            .taskScheduled(
                task(1, .orchestration(child, version: nil, tags: [:], takesUp: false, parentClose: .cancel))
            )
        )
        open.fold(.taskAbandoned(TaskID(1)))
        #expect(open.tasks.isEmpty)
    }
}
