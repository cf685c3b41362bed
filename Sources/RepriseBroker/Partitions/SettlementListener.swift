import RabbitMQ
import Synchronization

/// The receiver of the outcomes of a lock's publications, once there is one.
final class SettlementListener: Sendable {
    /// A struct around the function, so that it is kept as what it is. A box that is generic over the function itself
    /// wraps it again at every read, and each call then goes through all that wrapping: a node that settled for
    /// long enough ran out of stack.
    private struct Ear {
        var settle: @Sendable ([RabbitMQSettlement]) -> Void = { _ in }
    }

    private let ear = Mutex(Ear())

    /// The outcomes of publications go to `settle` from now on.
    func listen(_ settle: @escaping @Sendable ([RabbitMQSettlement]) -> Void) { ear.withLock { $0.settle = settle } }

    func settle(_ settlements: [RabbitMQSettlement]) {
        // Called outside the lock: it may wait for the partition.
        let settle = ear.withLock { $0.settle }
        settle(settlements)
    }
}
