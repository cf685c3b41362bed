/// How long a worker waits for what may never come.
struct ActivityPatience: Sendable {
    /// For what runs to end, before a suspect is tried: the first time. See ``TrialPatience``.
    var idleness = Duration.seconds(30)
    /// For a task to be delivered again, once the channel that brought it has closed: its answer waits meanwhile.
    var redelivery = Duration.seconds(30)
    /// For an answer's queue that is not the hub's, and that there is none of: nobody makes it again.
    var strangers = Duration.seconds(30)
    /// For an answer's queue that is the hub's and is missing, since its nodes make it again where they find it gone; and for
    /// one that is not the hub's, and is there, and takes nothing.
    var queues = Duration.seconds(600)

    /// How long an answer is tried. `nil` for as long as it takes: one of the hub's queues that is there and takes nothing does
    /// so again one day, when its owner is back.
    func triesAnswer(toOurs isOurs: Bool, _ cause: UnansweredQueues.Cause) -> Duration? {
        switch cause {
        case .missing: isOurs ? queues : strangers
        case .refusing: isOurs ? nil : queues
        }
    }
}

/// How long a worker waits for its last task to end, taking no other, so that a suspect is alone.
///
/// ```
///  wait 30 s ──► work for 2 min ──► wait 1 min ──► work for 4 min ──► …
/// ```
/// A worker that something always keeps busy gives a fifth of its time for it at most. Each time it waits for longer, up to an
/// hour: a suspect among long tasks gets its turn one day, too.
struct TrialPatience: Equatable, Sendable {
    private static let longest = Duration.seconds(3_600)
    /// So many times the waiting that was in vain.
    private static let workPerWait = 4

    private let first: Duration
    private(set) var wait: Duration

    init(first: Duration) {
        self.first = first
        wait = first
    }

    /// How long the worker works before it waits again.
    mutating func waitedInVain() -> Duration {
        defer { wait = min(wait * 2, max(Self.longest, first)) }
        return wait * Self.workPerWait
    }

    mutating func wasIdle() { wait = first }
}
