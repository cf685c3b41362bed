/// Queues that took no answer, and since when: one such queue is one piece of news, however many tasks wait for it.
///
/// ```
///  not taken ──► tried again ──► … patience is over ──► given up: the tasks that name it are rejected
///      └──────────── taken ◄──────────┘                     │ each new one is tried once
///                      ▲──────────────────────────────────────┘
/// ```
struct UnansweredQueues {
    enum Verdict: Equatable {
        case tryAgain(isNews: Bool)
        case giveUp(isNews: Bool)
    }

    private struct Trouble {
        let since: ContinuousClock.Instant
        var last: ContinuousClock.Instant
        var isGivenUp = false
    }

    /// Whatever is wrong after so long a silence is something new. Longer than the longest pause between two tries.
    static let memory = Duration.seconds(600)
    /// Queues beyond these make those be forgotten that were silent for longest.
    static let capacity = 1_000

    private var troubles: [String: Trouble] = [:]

    /// - Parameter patience: how long the queue is tried; `nil` for as long as it takes.
    mutating func refused(_ queue: String, at now: ContinuousClock.Instant, patience: Duration?) -> Verdict {
        let known = troubles[queue].flatMap { now - $0.last > Self.memory ? nil : $0 }
        var trouble = known ?? Trouble(since: now, last: now)
        trouble.last = now
        let isOver = patience.map { now - trouble.since >= $0 } ?? false
        defer { remember(trouble, of: queue) }
        guard isOver else { return .tryAgain(isNews: known == nil) }
        let isNews = !trouble.isGivenUp
        trouble.isGivenUp = true
        return .giveUp(isNews: isNews)
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
