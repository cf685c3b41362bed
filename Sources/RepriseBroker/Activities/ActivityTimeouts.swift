/// How long a worker waits for things that may never happen.
struct ActivityTimeouts: Sendable {
    /// For what runs to end, before a suspect is tried: the first time. See ``TrialPace``.
    var idleness = Duration.seconds(30)
    /// For the word that no one waits for a suspect, once its partition has heard that it is to be tried.
    var withdrawal = Duration.seconds(1)
    /// For a task to be delivered again, once the channel that brought it has closed: its answer waits meanwhile.
    var redelivery = Duration.seconds(30)
    /// For an answer queue that is not the hub's and does not exist: it will not be created again.
    var strangers = Duration.seconds(30)
    /// For an answer's queue that is the hub's and is missing, since its nodes make it again where they find it gone; and for
    /// one that is not the hub's, and is there, and takes nothing.
    var queues = Duration.seconds(600)

    /// How long an answer is tried. `nil` for as long as it takes: one of the hub's queues that exists and accepts
    /// nothing will accept again when its owner is back.
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
///  wait 30 s ──► work for 2 min ──► wait 1 min ──► work for 4 min ──► wait 1 min ──► work for 8 min ──► …
/// ```
/// No other worker may try the suspects meanwhile, and another may be idle: so it waits for a minute at most. A worker that
/// something always keeps busy gives a fifth of its time for it at first, and a tenth later.
struct TrialPace: Equatable, Sendable {
    private static let longestWait = Duration.seconds(60)
    private static let longestWork = Duration.seconds(600)

    private let first: Duration
    private(set) var wait: Duration
    private var work: Duration

    init(first: Duration) {
        self.first = first
        wait = first
        work = first * 4
    }

    /// How long the worker works before it waits again.
    mutating func waitedInVain() -> Duration {
        defer {
            wait = min(wait * 2, max(Self.longestWait, first))
            work = min(work * 2, max(Self.longestWork, first * 4))
        }
        return work
    }

    mutating func wasIdle() { self = TrialPace(first: first) }
}
