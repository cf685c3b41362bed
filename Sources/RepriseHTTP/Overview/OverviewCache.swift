import RepriseEngine
import RepriseKernel
import Synchronization

/// Expensive results, cached for a moment: many people may look at the same time.
final class OverviewCache: Sendable {
    let counts = Cached<[RuntimeStatus: Int]>()
    let activities = Cached<[ActivityBacklog]?>()
    /// Each look makes a connection to the broker, and keeps others from looking.
    let deadLetters = Cached<Int?>(for: .seconds(5))
}

/// A value that is recomputed when it is at least that old, so rarely that computing it never takes more than a tenth of
/// the time.
final class Cached<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var expiry: ContinuousClock.Instant
        var isBeingMade = false
    }

    private let state = Mutex(State(value: nil, expiry: .now))
    private let shortest: Duration

    init(for shortest: Duration = .seconds(1)) { self.shortest = shortest }

    /// While one caller recomputes it, the others get the previous value.
    func value(_ make: () async throws -> Value) async throws -> Value {
        let start = ContinuousClock.now
        let former = state.withLock { state -> Value? in
            guard let value = state.value, state.isBeingMade || state.expiry > start else {
                state.isBeingMade = true
                return nil
            }
            return value
        }
        if let former { return former }
        do {
            let value = try await make()
            let end = ContinuousClock.now
            state.withLock { state in
                state = State(value: value, expiry: end + max(shortest, (end - start) * 10))
            }
            return value
        } catch {
            state.withLock { $0.isBeingMade = false }
            throw error
        }
    }
}
