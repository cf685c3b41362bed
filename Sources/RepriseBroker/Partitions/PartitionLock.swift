import RabbitMQ
import RepriseEngine
import RepriseKernel

/// The exclusive consumer that makes its holder a partition's owner, and the channel it lives on.
///
/// The lock ends with the channel, whatever closes it; so everything the owner publishes goes through this channel.
final class PartitionLock: Sendable {
    /// Why lock or inbox ended.
    let ended: Promise<RabbitMQError>
    let channel: RabbitMQChannel
    private let listener: SettlementListener

    private init(channel: RabbitMQChannel, ended: Promise<RabbitMQError>, listener: SettlementListener) {
        self.channel = channel
        self.ended = ended
        self.listener = listener
    }

    /// - Throws: `.accessRefused` when another node has the lock.
    static func take(
        _ partition: PartitionNumber,
        names: HubNames,
        on connection: RabbitMQConnection
    ) async throws(RabbitMQError) -> PartitionLock {
        let listener = SettlementListener()
        // The lock's queue stays empty; what a stranger puts there goes.
        let consumer = try await Consumer.open(on: connection, settle: listener.settle, take: { _ in })
        try await consumer.consume(names.owner(partition), exclusive: true, noAck: true)
        return PartitionLock(channel: consumer.channel, ended: consumer.ended, listener: listener)
    }

    /// The outcomes of publications go to `settle` from now on.
    func listen(_ settle: @escaping @Sendable ([RabbitMQSettlement]) -> Void) {
        listener.listen(settle)
    }
}
