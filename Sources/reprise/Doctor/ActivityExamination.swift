package import RepriseKernel

/// What instances wait for, and what is in the queue they wait on.
package struct ActivityExamination: Sendable {
    private let name: String
    private let messages: Int?
    private let suspects: Int
    private let workers: Int
    private let open: OpenTasks.Count?
    private let now: Timestamp

    /// No worker keeps a task longer, unless the broker's operator allows it: its `consumer_timeout`.
    private static let longest = Duration.seconds(30 * 60)

    /// - Parameters:
    ///   - messages: those waiting in its queue; nil when there is no queue.
    ///   - suspects: those waiting to be tried alone.
    package init(
        _ name: String,
        messages: Int?,
        suspects: Int,
        workers: Int,
        open: OpenTasks.Count?,
        now: Timestamp
    ) {
        self.name = name
        self.messages = messages
        self.suspects = suspects
        self.workers = workers
        self.open = open
        self.now = now
    }

    package var finding: Finding {
        let subject = "activity \(Text.cut(Text.line(name), to: 40))"
        let worker = "start a worker that serves '\(name)'"
        let again =
            "has it lost them (purged, deleted, a wiped broker; a policy, which \(Policies.look) shows): reprise resend"
        guard let messages else {
            guard let open else {
                let what = "it has no queue: no worker has served it on this broker yet, or someone deleted the queue"
                return .bad(subject, what, advice: worker)
            }
            return .bad(subject, "\(Self.tasks(open)), and it has no queue", advice: "\(worker); \(again)")
        }
        let alone =
            suspects == 0
            ? ""
            : ", \(Amount.of(suspects, "suspect")) to be tried alone (worker after worker took them and never answered)"
        let waiting = "\(Amount.of(messages, "task")) waiting\(alone)"
        if messages + suspects == 0, let open {
            guard workers > 0 else {
                let what = "\(Self.tasks(open)), and its queue is empty: no one works on them"
                return .bad(subject, what, advice: "\(again); \(worker)")
            }
            // A broker tells only its operator how many tasks workers are holding.
            if now > open.oldest + Self.longest {
                let what =
                    "\(Self.tasks(open)) for more than 30 minutes, its queue is empty, and it has "
                    + Amount.of(workers, "worker")
                return .note(
                    subject,
                    "\(what). If these are idle, the queue has lost the tasks "
                        + "(to a policy? \(Policies.look)): reprise resend"
                )
            }
        }
        guard workers > 0 || (messages + suspects == 0 && open == nil) else {
            return .bad(subject, "\(waiting), and no worker", advice: worker)
        }
        let all = "\(waiting), \(Amount.of(workers, "worker"))"
        return suspects == 0 ? .ok(subject, all) : .note(subject, all)
    }

    private static func tasks(_ open: OpenTasks.Count) -> String { Amount.of(open.tasks, "open task") }
}

/// How far the doctor searched for what instances wait for: it does not ask every instance of a large hub.
package struct OpenTasksSearch: Equatable, Sendable {
    /// Those that reported what they wait for.
    package var instances: Int
    /// True when no running instance was left out.
    package var isComplete: Bool

    package init(instances: Int, isComplete: Bool) {
        self.instances = instances
        self.isComplete = isComplete
    }

    package static func + (a: OpenTasksSearch, b: OpenTasksSearch) -> OpenTasksSearch {
        OpenTasksSearch(instances: a.instances + b.instances, isComplete: a.isComplete && b.isComplete)
    }

    /// What it means that nothing was found.
    package var nothingFound: Finding {
        switch (isComplete, instances) {
        case (true, _): .note("activities", "no running instance waits for one")
        case (false, 0):
            .note(
                "activities",
                "which ones instances wait for is not known: none could be asked (--activity names one)"
            )
        case (false, _):
            .note(
                "activities",
                "none of the \(Amount.of(instances, "running instance")) that were asked waits for one; others were not asked "
                    + "(--activity names one)"
            )
        }
    }
}

/// Tasks that were scheduled and have no result yet.
package enum OpenTasks {
    /// Of one activity.
    package struct Count: Equatable, Sendable {
        package var tasks: Int
        /// When the first of them was scheduled.
        package var oldest: Timestamp

        package init(tasks: Int, oldest: Timestamp) {
            self.tasks = tasks
            self.oldest = oldest
        }

        static func + (a: Count, b: Count) -> Count {
            Count(tasks: a.tasks + b.tasks, oldest: min(a.oldest, b.oldest))
        }
    }

    /// By activity.
    package static func activities(in history: [HistoryRecord]) -> [String: Count] {
        var times: [TaskID: Timestamp] = [:]
        for record in history {
            if case .taskScheduled(let task) = record.event { times[task.id] = record.time }
        }
        var counts: [String: Count] = [:]
        for (id, task) in OpenWork(of: history).tasks where task.target == .activity {
            let one = Count(tasks: 1, oldest: times[id] ?? .zero)
            counts[task.name] = counts[task.name].map { $0 + one } ?? one
        }
        return counts
    }
}
