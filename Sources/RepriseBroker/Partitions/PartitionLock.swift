import RabbitMQ
import RepriseEngine
import RepriseKernel
import Synchronization

/// The exclusive consumer that makes its holder a partition's owner, and the channel it lives on.
///
/// The lock ends with the channel, whatever closes it; so everything the owner publishes goes through this channel.
final class PartitionLock: Sendable {
    /// Why lock or inbox ended.
    let ended: Once<RabbitMQError>
    let channel: Channel
    private let listener: Listener

    private init(channel: Channel, ended: Once<RabbitMQError>, listener: Listener) {
        self.channel = channel
        self.ended = ended
        self.listener = listener
    }

    /// - Throws: `.accessRefused` when somebody else has the lock.
    static func take(
        _ partition: PartitionNumber,
        names: HubNames,
        on connection: Connection
    ) async throws(RabbitMQError) -> PartitionLock {
        let ended = Once<RabbitMQError>()
        let listener = Listener()
        let channel = try await connection.openChannel { event in
            switch event {
            case .settled(let settlements): listener.settle(settlements)
            // The lock's queue stays empty; what a stranger puts there goes.
            case .deliveries, .flow: break
            case .consumerCancelled: ended.set(RabbitMQError(.notFound, "The lock's queue was deleted."))
            case .closed(let error): ended.set(error)
            }
        }
        try await channel.consume(names.owner(partition), exclusive: true, noAck: true)
        return PartitionLock(channel: channel, ended: ended, listener: listener)
    }

    func listen(_ settle: @escaping @Sendable ([OutboundSettlement]) -> Void) {
        listener.settle.withLock { $0 = settle }
    }

    private final class Listener: Sendable {
        let settle = Mutex<(@Sendable ([OutboundSettlement]) -> Void)?>(nil)

        func settle(_ settlements: [Settlement]) {
            guard let settle = settle.withLock({ $0 }) else { return }
            let outcomes = settlements.compactMap(OutboundSettlement.init)
            if !outcomes.isEmpty { settle(outcomes) }
        }
    }
}

extension OutboundSettlement {
    /// Nothing for replies, and nothing for what nobody knows: the channel is closed then, and that is loss.
    init?(_ settlement: Settlement) {
        guard settlement.id != AnswerEnvelope.replyNumber else { return nil }
        let outcome: Outcome
        switch settlement.outcome {
        case .confirmed: outcome = .confirmed
        case .returned(_, let text): outcome = .undeliverable(reason: "no queue takes it: \(text)")
        case .rejected: outcome = .undeliverable(reason: "its queue refused it")
        case .undecided(let error) where Self.unsent.contains(error.code):
            outcome = .undeliverable(reason: error.message)
        case .undecided: return nil
        }
        self.init(number: Int64(bitPattern: settlement.id), outcome: outcome)
    }

    /// With these the publication never left this process, and the channel lives on.
    private static let unsent: Set<RabbitMQError.Code> = [.overloaded, .blocked, .tooLarge, .invalidArgument]
}
