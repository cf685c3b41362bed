package import RepriseKernel
import Synchronization

/// Counts the orchestrator code that is alive: what enters must leave, by finishing, by failing or by eviction.
package final class LeakCounter: Sendable {
    private let guests = Atomic<Int>(0)
    private let whims = Atomic<Int>(0)

    package init() {}

    package var inside: Int { guests.load(ordering: .relaxed) }
    package func enter() { guests.add(1, ordering: .relaxed) }
    package func leave() { guests.subtract(1, ordering: .relaxed) }

    /// Something outside the context, different whenever it is asked: what an orchestrator must never depend on.
    package func whim() -> Int { whims.add(1, ordering: .relaxed).newValue }
}

/// A wall clock that the test sets, and a clock beside it that cannot be set.
package final class SimulatedClock: Sendable {
    private struct Times {
        var now: Timestamp
        var latest: Timestamp
        var steady = Duration.seconds(100)
    }

    private let times: Mutex<Times>

    package init(_ start: Int64 = 1_700_000_000_000) {
        let start = Timestamp(milliseconds: start)
        times = Mutex(Times(now: start, latest: start))
    }

    package var now: Timestamp { times.withLock { $0.now } }
    /// What it would show, had it never been set back.
    package var latest: Timestamp { times.withLock { $0.latest } }

    /// What no step touches.
    package var steady: Duration { times.withLock { $0.steady } }

    /// Time passes.
    package func advance(by duration: Duration) {
        times.withLock {
            $0.steady += duration
            $0.now = $0.now + duration
            $0.latest = max($0.latest + duration, $0.now)
        }
    }

    /// Someone sets the clock.
    package func step(by duration: Duration) { set(now + duration) }

    package func set(_ time: Timestamp) {
        times.withLock {
            $0.now = time
            $0.latest = max($0.latest, time)
        }
    }
}
