/// Queues that took no answer: each such queue is reported once, however many tasks wait for it.
///
/// ```
///  not taken ──► tried again ──► … one task has tried for long enough ──► given up: the tasks that name it are rejected
///      └──────────── taken ◄──────────┘                                     │ each new one is tried once
///                      ▲────────────────────────────────────────────────────┘
/// ```
/// A queue is given up for one ``Cause``. When another appears, what was known of the queue is out of date.
struct UnansweredQueues {
    /// Why a queue took no answer.
    enum Cause {
        /// There is no queue with this name.
        case missing
        /// It is there, and refuses, or says nothing: a full one, for instance.
        case refusing
    }

    enum Verdict: Equatable {
        case tryAgain(isNew: Bool)
        case giveUp(isNew: Bool)
    }

    /// How long one task has tried to be rid of its answer, from the first of the refusals in a row that have one cause.
    struct Tries {
        private var streak: (cause: Cause, start: ContinuousClock.Instant)?

        /// - Returns: for how long the cause has been this one.
        mutating func refused(_ cause: Cause, at now: ContinuousClock.Instant) -> Duration {
            if let streak, streak.cause == cause { return now - streak.start }
            streak = (cause, now)
            return .zero
        }

        /// There was no way to the queue for some time: that was no trying.
        mutating func interrupted() { streak = nil }
    }

    private struct Trouble {
        var last: ContinuousClock.Instant
        var givenUpFor: Cause?
    }

    /// Whatever is wrong after so long a silence is something new. Longer than the longest pause between two tries.
    static let memory = Duration.seconds(600)
    /// Beyond this many, the queues silent for longest are forgotten.
    static let capacity = 1_000

    private var troubles: [String: Trouble] = [:]

    /// - Parameter limit: for how long one task tries the queue while the cause is this one; `nil` for as long as it takes.
    mutating func refused(
        _ queue: String,
        _ cause: Cause,
        _ tries: inout Tries,
        at now: ContinuousClock.Instant,
        limit: Duration?
    ) -> Verdict {
        let known = troubles[queue].flatMap { now - $0.last > Self.memory ? nil : $0 }
        var trouble = known ?? Trouble(last: now)
        trouble.last = now
        defer { remember(trouble, of: queue) }
        let tried = tries.refused(cause, at: now)
        let isKnownHopeless = trouble.givenUpFor == cause
        guard let limit, isKnownHopeless || tried >= limit else {
            trouble.givenUpFor = nil
            return .tryAgain(isNew: known == nil)
        }
        trouble.givenUpFor = cause
        return .giveUp(isNew: !isKnownHopeless)
    }

    /// True where it had taken none before.
    mutating func took(_ queue: String) -> Bool { troubles.removeValue(forKey: queue) != nil }

    private mutating func remember(_ trouble: Trouble, of queue: String) {
        if troubles[queue] == nil, troubles.count >= Self.capacity,
            let oldest = troubles.min(by: { $0.value.last < $1.value.last })
        {
            troubles.removeValue(forKey: oldest.key)
        }
        troubles[queue] = trouble
    }
}
