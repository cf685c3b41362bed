import Synchronization

/// Carries what a connection's thread hands over to the one task that works on it, everything available at a time.
///
/// Unbounded by itself: its bound is the prefetch of the consumer that fills it.
final class BatchQueue<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var isFinished = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func post(_ elements: [Element]) {
        let waiter = state.withLock { state in
            if !state.isFinished { state.elements += elements }
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// What was posted is still handed out; then `next` returns `nil`.
    func finish() {
        let waiter = state.withLock { state in
            state.isFinished = true
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// Everything available, as soon as there is something; `nil` at the end and when the task is canceled.
    func next() async -> [Element]? {
        while !Task.isCancelled {
            let (elements, isFinished) = state.withLock { state in
                defer { state.elements = [] }
                return (state.elements, state.isFinished)
            }
            if !elements.isEmpty { return elements }
            if isFinished { return nil }
            await waitForMore()
        }
        return nil
    }

    private func waitForMore() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if !state.elements.isEmpty || state.isFinished || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiter.take() }?.resume()
        }
    }
}
