package import RepriseKernel

/// Every exchange and queue of a hub by name.
///
/// ```
///  reprise.<hub>  ──#──►  .intake  ──►  .inbox.<p>  ──►  node
///  reprise.<hub>.status  ──►  .gateway.<id>.status, or any queue bound to it
///  node  ──►  .activity.<Name>  ──►  worker  ──►  .inbox.<p>
///                    └── killed its workers ──►  .suspects.<Name>
/// ```
package struct HubNames: Sendable, Equatable {
    package let hub: HubName
    private let prefix: String

    package init(_ hub: HubName) {
        self.hub = hub
        self.prefix = "reprise.\(hub)"
    }

    // MARK: Exchanges

    /// Where anyone publishes commands, by routing key.
    package var commands: String { prefix }
    /// Where nodes publish what instances say about themselves.
    package var statuses: String { "\(prefix).status" }
    /// Where nodes announce themselves to all listeners.
    package var nodes: String { "\(prefix).nodes" }

    /// Where nodes say which tasks are no longer awaited.
    package var withdrawals: String { "\(prefix).withdrawals" }

    /// Gets nothing: that it is there says that the hub has so many partitions.
    package func size(_ partitionCount: Int) -> String { "\(prefix).size.\(partitionCount)" }

    /// Gets nothing: that it is there says that the hub was made for a cluster of brokers.
    package var cluster: String { "\(prefix).cluster" }

    // MARK: Queues of the hub

    /// Holds commands until they are forwarded to the inbox of their instance's partition.
    package var intake: String { "\(prefix).intake" }
    /// What could not be processed, for people.
    package var dead: String { "\(prefix).dead" }
    /// Made first; its `x-max-length` is the hub's partition count, and that many messages in it say that everything
    /// else was created.
    package var record: String { "\(prefix).hub" }

    // MARK: Queues of a partition

    package func inbox(_ partition: PartitionNumber) -> String { "\(prefix).inbox.\(partition)" }
    /// Always empty: the exclusive consumer on it owns the partition.
    package func owner(_ partition: PartitionNumber) -> String { "\(prefix).owner.\(partition)" }
    /// Holds the id of the journal that the partition belongs to, and where its log goes on.
    package func journal(_ partition: PartitionNumber) -> String { "\(prefix).journal.\(partition)" }
    /// The stream of one segment of the partition's log.
    package func log(_ partition: PartitionNumber, segment: Int64) -> String {
        "\(prefix).log.\(partition).\(segment)"
    }

    /// The partition whose inbox this is, if it is one.
    package func partition(ofInbox queue: String) -> PartitionNumber? {
        guard let number = suffix(of: queue, after: "inbox"), let value = Int(number), value >= 0,
            String(value) == number
        else { return nil }
        return PartitionNumber(value)
    }

    // MARK: Queues of activities, gateways and clients

    package func activity(_ name: String) -> String { "\(prefix).activity.\(name)" }

    /// The activity whose queue this is, if it is one.
    package func activity(ofQueue queue: String) -> String? { suffix(of: queue, after: "activity") }

    /// Tasks that workers took and never answered, to be tried alone.
    package func suspects(_ activity: String) -> String { "\(prefix).suspects.\(activity)" }

    /// The activity whose suspects wait in this queue, if it is such a queue.
    package func activity(ofSuspects queue: String) -> String? { suffix(of: queue, after: "suspects") }

    /// Exists, and is exclusive, while some worker tries suspects of the activity.
    package func trial(_ activity: String) -> String { "\(prefix).trial.\(activity)" }

    package func gatewayStatus(_ gateway: String) -> String { "\(prefix).gateway.\(gateway).status" }
    package func reply(_ random: String) -> String { "\(prefix).reply.\(random)" }
    /// Exists, and is exclusive, while someone looks at the dead letters. Named as what gateways and command lines may make.
    package var deadLock: String { listener("dead") }
    package func listener(_ random: String) -> String { "\(prefix).listener.\(random)" }
    package func watch(_ random: String) -> String { "\(prefix).watch.\(random)" }

    /// True for names that belong to some hub, except those of reply queues.
    static func isReserved(_ queue: String) -> Bool {
        let words = queue.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
        return words.first == "reprise" && !(words.count == 4 && words[2] == "reply")
    }

    private func suffix(of queue: String, after kind: String) -> String? {
        let start = "\(prefix).\(kind)."
        guard queue.hasPrefix(start), queue.utf8.count > start.utf8.count else { return nil }
        return String(queue.dropFirst(start.count))
    }
}
