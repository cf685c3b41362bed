import RabbitMQ
import RepriseKernel

/// The arguments of the hub's queues. A broker refuses to declare one again with other arguments, so a change here
/// needs a new hub.
enum QueueArguments {
    /// A message is delivered this many times plus one. Every delivery that is lost with a connection counts, also of
    /// tasks that no worker had begun.
    static let activityDeliveryLimit = 10

    /// A task that was lost so often is suspected of killing its workers, and is tried alone from then on. One loss or two
    /// are nothing unusual: a broker that restarts, or workers that are replaced, cost all the tasks at work one each.
    static let lossesOfSuspects = 3

    /// Never reached: newer brokers have a limit of 20 by default, which would drop commands when a node keeps crashing,
    /// and with any limit a quorum queue gives messages that come back their old place.
    private static let unlimitedDeliveries: RabbitMQFieldValue = 1_000_000

    /// For what must not be lost: if a policy limits the queue's length, it refuses the excess instead of dropping the
    /// oldest message, which was confirmed.
    private static func lossless(_ table: RabbitMQTable) -> RabbitMQTable {
        table.merging(["x-overflow": "reject-publish"]) { $1 }
    }

    /// On three brokers of a cluster, however many there are, and with leaders on all of them: without, a broker leads all
    /// that was made over it.
    private static func replicated(_ table: RabbitMQTable, for brokers: BrokerKind) -> RabbitMQTable {
        guard brokers == .cluster else { return table }
        return table.merging([
            "x-queue-type": "quorum", "x-quorum-initial-group-size": 3, "x-queue-leader-locator": "balanced",
        ]) { $1 }
    }

    static func intake(for brokers: BrokerKind) -> RabbitMQTable { replicated(lossless(formerIntake), for: brokers) }

    static func inbox(_ type: InboxType, for brokers: BrokerKind) -> RabbitMQTable {
        replicated(lossless(formerInbox(type)), for: brokers)
    }

    /// As the first releases made it.
    static let formerIntake: RabbitMQTable = [
        "x-queue-type": "quorum", "x-single-active-consumer": true, "x-delivery-limit": unlimitedDeliveries,
    ]

    static func dead(for brokers: BrokerKind) -> RabbitMQTable {
        replicated(["x-queue-type": "quorum", "x-delivery-limit": unlimitedDeliveries], for: brokers)
    }

    /// As the first releases made it.
    static func formerInbox(_ type: InboxType) -> RabbitMQTable {
        switch type {
        case .classic:
            ["x-queue-type": "classic", "x-single-active-consumer": true]
        case .quorum:
            ["x-queue-type": "quorum", "x-single-active-consumer": true, "x-delivery-limit": unlimitedDeliveries]
        }
    }

    /// A quorum queue does not enforce that a consumer is exclusive; a classic one does.
    static let owner: RabbitMQTable = ["x-queue-type": "classic"]

    static let journal: RabbitMQTable = ["x-queue-type": "classic", "x-max-length": 1, "x-overflow": "drop-head"]

    /// No bound on age or length: a stream drops data silently. A segment is deleted as a whole.
    static let log: RabbitMQTable = ["x-queue-type": "stream", "x-stream-max-segment-size-bytes": 16_777_216]

    static func record(partitionCount: Int, for brokers: BrokerKind) -> RabbitMQTable {
        replicated(["x-queue-type": "classic", "x-max-length": .int(Int64(partitionCount))], for: brokers)
    }

    static func activity(names: HubNames) -> RabbitMQTable { tasks(names: names, deliveryLimit: activityDeliveryLimit) }

    /// A message starts counting again in its second queue: together, it is given up after as many losses as in one.
    static func suspects(names: HubNames) -> RabbitMQTable {
        tasks(names: names, deliveryLimit: activityDeliveryLimit - lossesOfSuspects)
    }

    /// An exclusive queue, held as a lock, must be a classic one, whatever the virtual host's default is.
    static let trial: RabbitMQTable = ["x-queue-type": "classic"]

    /// Dead-letters into the intake, at least once: for that the queue must refuse rather than drop.
    private static func tasks(names: HubNames, deliveryLimit: Int) -> RabbitMQTable {
        [
            "x-queue-type": "quorum",
            "x-delivery-limit": .int(Int64(deliveryLimit)),
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": .string(names.intake),
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        ]
    }

    /// Only the newest announcements matter: a stalled listener costs the broker next to nothing.
    static let listener: RabbitMQTable = ["x-queue-type": "classic", "x-max-length": 1_000, "x-overflow": "drop-head"]

    static let gatewayStatusLength = 100_000

    /// A gateway that stays away longer finds its queue gone, and rebuilds its model.
    static func gatewayStatus(for brokers: BrokerKind) -> RabbitMQTable {
        var table: RabbitMQTable = [
            "x-queue-type": "classic",
            "x-max-length": .int(Int64(gatewayStatusLength)),
            "x-overflow": "drop-head",
            "x-expires": 604_800_000,
        ]
        // A gateway that crashes again and again counts as that many deliveries.
        if brokers == .cluster { table["x-delivery-limit"] = unlimitedDeliveries }
        return replicated(table, for: brokers)
    }
}

/// What a hub was made for: fixed when it is made, since a broker does not allow changing a queue's type.
package enum BrokerKind: String, Sendable, CaseIterable {
    /// One broker: what is fast there lives and dies with it.
    case one
    /// A cluster of three or more: what a hub keeps is on three of them.
    case cluster
}

/// The queue type of a hub's inboxes.
///
/// Classic queues on one broker: a message through in 0.2 ms, written to disk before it is confirmed. Quorum queues
/// where the broker is a cluster: a classic queue lives and dies with its node.
package enum InboxType: String, Sendable, CaseIterable {
    case classic, quorum
}
