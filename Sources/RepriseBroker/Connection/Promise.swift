import Synchronization

/// A value that becomes known once, for any number of tasks that wait for it.
///
/// Set from a connection's thread, so setting never waits.
final class Promise<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiters: [UInt64: CheckedContinuation<Value?, Never>] = [:]
        var nextWaiter: UInt64 = 0
    }

    private let state = Mutex(State())

    var now: Value? { state.withLock { $0.value } }

    /// The first value stays; later ones are ignored.
    func set(_ value: Value) {
        let waiters = state.withLock { state in
            guard state.value == nil else { return [CheckedContinuation<Value?, Never>]() }
            state.value = value
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: value) }
    }

    /// Waits for the value; `nil` when the waiting task is canceled first.
    func value() async -> Value? {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone: Bool = state.withLock { state in
                    if state.value != nil || Task.isCancelled { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isDone { continuation.resume(returning: now) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(returning: nil)
        }
    }
}
