package import RepriseKernel
import Synchronization

/// Counts the orchestrator code that is alive: whoever enters must leave, by finishing, by failing or by eviction.
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

/// A wall clock that goes where the test sends it, and a clock beside it that nobody sets.
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

    /// Somebody sets the clock.
    package func step(by duration: Duration) { set(now + duration) }

    package func set(_ time: Timestamp) {
        times.withLock {
            $0.now = time
            $0.latest = max($0.latest, time)
        }
    }
}

/// SplitMix64, so that a seed is a run.
package struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    package init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678 }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// True in about `percent` of a hundred calls.
    package mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}
