package import RepriseBroker
import RepriseKernel

/// Judges the brokers of a cluster: which of them serve the hub, and what the loss of one more would cost.
package struct BrokersExamination: Sendable {
    private let members: [BrokerInspection.Member]
    private let kind: BrokerKind
    /// How many partitions have logs that were asked for.
    private let logs: Int

    package init(_ members: [BrokerInspection.Member], kind: BrokerKind, logs: Int) {
        self.members = members
        self.kind = kind
        self.logs = logs
    }

    package func run() -> [Finding] {
        guard members.count > 1 || kind == .cluster else { return [] }
        return members.map(broker) + [oneCluster, versions, hub, spare, unknown].compactMap(\.self)
    }

    private var serving: [BrokerInspection.Product] { members.compactMap(\.product) }

    private func broker(_ member: BrokerInspection.Member) -> Finding {
        let subject = "broker \(member.place)"
        guard let product = member.product else {
            return .bad(
                subject,
                member.problem ?? "it does not answer",
                advice:
                    "start it; if it is gone for good: rabbitmqctl forget_cluster_node, and put another in its place"
            )
        }
        let name = "\(product.name) \(product.version)"
        if let problem = member.problem {
            return .bad(subject, "\(name); \(problem)", advice: "check its log: it may be cut off from the others")
        }
        guard member.missing.isEmpty else {
            let list = member.missing.map { "\($0)" }.joined(separator: ", ")
            return .bad(
                subject,
                "\(name), without a replica of the log of \(member.missing.count == 1 ? "partition" : "partitions") \(list)",
                advice:
                    "if it has just started, check again in a minute; a broker that came later gets its replicas by "
                    + "rabbitmq-streams add_replica"
            )
        }
        return .ok(subject, logs == 0 ? name : "\(name), with a replica of \(Amount.of(logs, "log"))")
    }

    private var oneCluster: Finding? {
        let clusters = Set(serving.compactMap(\.cluster)).sorted()
        guard clusters.count > 1 else { return nil }
        return .bad(
            "brokers",
            "they are of different clusters: \(clusters.joined(separator: ", "))",
            advice: "name the brokers of one cluster in REPRISE_AMQP_URL, on every node: a hub lives in one"
        )
    }

    private var versions: Finding? {
        let versions = Set(serving.map(\.version)).sorted()
        guard versions.count > 1 else { return nil }
        return .note(
            "brokers",
            "their versions differ: \(versions.joined(separator: ", ")); finish the upgrade, then enable all feature flags"
        )
    }

    private var hub: Finding? {
        switch (kind, members.count) {
        case (.one, _):
            .note(
                "brokers",
                "the hub was made for one broker: what it has in classic queues is on one of these, and stops with it "
                    + "(a new hub with REPRISE_BROKERS=cluster does not)"
            )
        case (.cluster, 1):
            .note(
                "brokers",
                "REPRISE_AMQP_URL names one, and the hub was made for a cluster: name the others, too, on every node"
            )
        case (.cluster, _): nil
        }
    }

    /// What a majority leaves to lose.
    private var spare: Finding? {
        guard members.count > 1 else { return nil }
        let count = serving.count
        let majority = members.count / 2 + 1
        let text = "\(count) of \(members.count) answer"
        guard count > majority else {
            return .bad(
                "brokers",
                count == majority ? "\(text): the loss of one more stops the hub" : "\(text), which is no majority",
                advice: "start those that do not, before anything else is stopped"
            )
        }
        return .ok("brokers", "\(text): \(Amount.of(count - majority, "broker")) may be lost, and the hub goes on")
    }

    private var unknown: Finding? {
        .note(
            "brokers",
            "which of them lead and replicate the hub's quorum queues AMQP does not tell: rabbitmq-queues quorum_status "
                + "QUEUE, and check_if_node_is_quorum_critical before one is stopped"
        )
    }
}
