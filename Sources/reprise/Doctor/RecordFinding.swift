package import RepriseBroker
package import RepriseKernel

/// Whether the broker still knows which journal a partition that works belongs to.
package enum RecordFinding {
    package static func of(_ partition: BrokerInspection.Partition, in hub: HubName) -> Finding? {
        guard partition.isOwned, !partition.hasJournal else { return nil }
        return .bad(
            "partition \(partition.number)",
            "its record in \(HubNames(hub).journal(partition.number)) is gone: somebody purged it, a policy took it "
                + "(message-ttl, expires), or whoever has just taken the partition has not written it yet",
            advice:
                "ask again in a moment; if it stays so, end the policy (\(Policies.look)) before the partition changes hands"
        )
    }
}
