import RepriseKernel
import Testing
import reprise_cli

/// An activity whose queue was purged was called well, though no one would ever do what instances waited for.
@Suite struct ActivityExaminationTests {
    private static let start = Timestamp(milliseconds: 1_000_000)

    private func line(
        _ ready: Int?,
        suspects: Int = 0,
        workers: Int = 0,
        open: Int?,
        after: Duration = .zero
    ) -> String {
        ActivityExamination(
            "Pay",
            messages: ready,
            suspects: suspects,
            workers: workers,
            open: open.map { OpenTasks.Count(tasks: $0, oldest: Self.start) },
            now: Self.start + after
        ).finding.line(subjectWidth: 0)
    }

    @Test func whatNobodyWorksOnIsSaid() {
        let lost = line(0, open: 3)
        #expect(lost.hasPrefix("!!  activity Pay  3 open tasks, and its queue is empty: no one works on them → "))
        #expect(lost.contains("reprise resend"))
        #expect(lost.contains("list_policies and list_operator_policies"))
        #expect(line(nil, open: 1).hasPrefix("!!  activity Pay  1 open task, and it has no queue → "))
        #expect(line(nil, open: 1).contains("reprise resend"))
    }

    @Test func whatSomebodyMayWorkOnIsNot() {
        #expect(line(0, workers: 2, open: 3) == "ok  activity Pay  0 tasks waiting, 2 workers")
        #expect(line(4, workers: 2, open: 3) == "ok  activity Pay  4 tasks waiting, 2 workers")
        #expect(line(3, open: 3).hasPrefix("!!  activity Pay  3 tasks waiting, and no worker → start a worker"))
        #expect(line(0, open: nil) == "ok  activity Pay  0 tasks waiting, 0 workers")
        // An operator may have deleted it: no one knows who served it once.
        #expect(
            line(nil, open: nil).hasPrefix(
                "!!  activity Pay  it has no queue: no worker has served it on this broker yet, or"
            )
        )
    }

    /// Of a hub whose node was stopped, or of which a few instances in a thousand were asked, the doctor said that no instance
    /// waited for an activity.
    @Test(arguments: [
        (0, true, "no running instance waits for one"), (3, true, "no running instance waits for one"),
        (0, false, "which ones instances wait for is not known: none could be asked"),
        (25, false, "none of the 25 running instances that were asked waits for one; others were not asked"),
    ])
    func whatWasNotAskedIsNotKnown(instances: Int, isComplete: Bool, text: String) {
        let all = OpenTasksSearch(instances: instances, isComplete: isComplete)
        #expect(all.nothingFound.line(subjectWidth: 0).hasPrefix("--  activities  \(text)"))
        let none = OpenTasksSearch(instances: 0, isComplete: true)
        #expect(none + all == all)
    }

    /// What waited to be tried alone was called lost.
    @Test func whatWaitsToBeTriedAloneIsSaidAndNotLost() {
        let what = "2 suspects to be tried alone (worker after worker took them and never answered)"
        #expect(line(0, suspects: 2, workers: 1, open: 3) == "--  activity Pay  0 tasks waiting, \(what), 1 worker")
        let nobody = line(0, suspects: 2, open: 3, after: .seconds(31 * 60))
        #expect(nobody.hasPrefix("!!  activity Pay  0 tasks waiting, \(what), and no worker → start a worker"))
        #expect(line(0, suspects: 2, open: nil).hasPrefix("!!  activity Pay  0 tasks waiting, \(what), and no worker"))
    }

    @Test func longerThanAnyWorkerMayKeepIt() {
        let line = line(0, workers: 2, open: 3, after: .seconds(31 * 60))
        #expect(line.hasPrefix("--  activity Pay  3 open tasks for more than 30 minutes, its queue is empty"))
        #expect(line.contains("reprise resend"))
    }

    @Test func openTasksAreThoseWithoutAnAnswer() throws {
        func scheduled(_ id: Int64, _ name: String, _ time: Int64, _ target: TaskTarget = .activity) -> HistoryRecord {
            HistoryRecord(
                .taskScheduled(
                    ScheduledTask(
                        id: TaskID(id),
                        name: name,
                        input: .null,
                        target: target,
                        attempt: 1,
                        key: 1,
                        secret: TaskSecret(high: 0, low: 0)
                    )
                ),
                time: Timestamp(milliseconds: time)
            )
        }
        let failure = Failure(type: "T", message: "m")
        let history = [
            HistoryRecord(.executionStarted(name: "O", input: .null), time: .zero),
            scheduled(1, "A", 1), scheduled(2, "B", 2), scheduled(3, "C", 3), scheduled(4, "B", 4),
            scheduled(5, "add", 5, .entity(try EntityID("Account", "a"), section: nil)),
            HistoryRecord(.taskCompleted(TaskID(1), result: .null), time: .zero),
            HistoryRecord(.taskFailed(TaskID(3), failure), time: .zero),
        ]
        #expect(
            OpenTasks.activities(in: history) == [
                "B": OpenTasks.Count(tasks: 2, oldest: Timestamp(milliseconds: 2))
            ]
        )
    }
}
