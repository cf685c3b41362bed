package import RepriseKernel

/// Messages a partition could not send.
package enum DeliveryFinding {
    package static func of(_ health: PartitionHealth) -> Finding? {
        guard health.retrying > 0 else { return nil }
        let reason = health.retryReason.map(Text.line) ?? "the node's log says why"
        return .bad(
            "partition \(health.partition)",
            "\(Amount.of(health.retrying, "message")) could not be delivered and will be tried again: \(reason)",
            advice: reason.contains("refused it")
                ? "that queue is full, or can store nothing now: a subscriber's needs room or a consumer (rabbitmqctl list_bindings names it), any "
                    + "other of Reprise has no limit but a policy's (\(Policies.look))"
                : "check that queue or exchange: start a worker for an activity whose queue is missing; delete a "
                    + "subscriber's queue that takes nothing (rabbitmqctl list_bindings names them); end a policy that "
                    + "deletes queues (\(Policies.look))"
        )
    }
}
