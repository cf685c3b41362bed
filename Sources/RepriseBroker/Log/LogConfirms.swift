import Dispatch
import RabbitMQ
import Synchronization

/// Where the partition's thread waits for the broker's confirms of what it has appended. One thread waits at a time.
final class LogConfirms: Sendable {
    private static let first = PublicationPurpose.counted(0).id

    private struct State {
        var next = LogConfirms.first
        /// What the thread waits for now.
        var awaited = LogConfirms.first..<LogConfirms.first
        var unsettled = 0
        var failure: String?
    }

    private let state = Mutex(State())
    private let decided = DispatchSemaphore(value: 0)

    /// Numbers for so many publications, whose settlements are awaited next.
    func expect(_ count: Int) -> Range<UInt64> {
        state.withLock { state in
            let numbers = state.next..<(state.next + UInt64(count))
            state.next = numbers.upperBound
            state.awaited = numbers
            state.unsettled = count
            state.failure = nil
            return numbers
        }
    }

    /// Takes what belongs here, and gives the rest back.
    func settle(_ settlements: [RabbitMQSettlement]) -> [RabbitMQSettlement] {
        guard settlements.contains(where: Self.isOurs) else { return settlements }
        let isDecided = state.withLock { state in
            for settlement in settlements where Self.isOurs(settlement) && state.awaited.contains(settlement.id) {
                state.unsettled -= 1
                if settlement.outcome != .confirmed { state.failure = "\(settlement.outcome)" }
            }
            return state.unsettled == 0 || state.failure != nil
        }
        if isDecided { decided.signal() }
        return settlements.filter { !Self.isOurs($0) }
    }

    /// Blocks until all that is expected is settled or one is not confirmed. Says why not; nil when all are confirmed.
    func wait(atMost timeout: Duration) -> String? {
        let deadline = DispatchTime.now() + .nanoseconds(Int(timeout / .nanoseconds(1)))
        while true {
            let (isDone, failure) = state.withLock { ($0.unsettled == 0, $0.failure) }
            if let failure { return failure }
            if isDone { return nil }
            // A signal may be that of an earlier wait: it is asked again.
            if decided.wait(timeout: deadline) == .timedOut { return "no confirm within \(timeout)" }
        }
    }

    private static func isOurs(_ settlement: RabbitMQSettlement) -> Bool {
        PublicationPurpose(id: settlement.id).isCounted
    }
}
