import Synchronization

/// One task that awaits one publication. The first outcome counts; cancellation is one.
final class SettlementWaiter: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<RabbitMQPublishOutcome, Never>)
        case settled(RabbitMQPublishOutcome)
    }

    private let state = Mutex(State.idle)

    /// Calls `start` once it is listening, then waits.
    func outcome(start: () -> Void) async -> RabbitMQPublishOutcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let early: RabbitMQPublishOutcome? = state.withLock { state in
                    if case .settled(let outcome) = state { return outcome }
                    state = .waiting(continuation)
                    return nil
                }
                if let early { continuation.resume(returning: early) } else { start() }
            }
        } onCancel: {
            settle(.undecided(RabbitMQError(.cancelled, "The task that waited for the confirm was canceled.")))
        }
    }

    func settle(_ outcome: RabbitMQPublishOutcome) {
        let waiting: CheckedContinuation<RabbitMQPublishOutcome, Never>? = state.withLock { state in
            switch state {
            case .settled: return nil
            case .idle:
                state = .settled(outcome)
                return nil
            case .waiting(let continuation):
                state = .settled(outcome)
                return continuation
            }
        }
        waiting?.resume(returning: outcome)
    }
}
