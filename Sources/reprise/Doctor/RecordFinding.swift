package import RepriseBroker
package import RepriseKernel

/// Whether the broker still knows which journal a working partition belongs to.
package enum RecordFinding {
    package static func of(_ partition: BrokerInspection.Partition, in hub: HubName) -> Finding? {
        guard partition.isOwned, !partition.hasJournal else { return nil }
        return .bad(
            "partition \(partition.number)",
            "its record in \(HubNames(hub).journal(partition.number)) is gone: someone purged it, a policy removed it "
                + "(message-ttl, expires), or a node that has just taken the partition has not written it yet",
            advice:
                "its node writes it again within ten seconds; if it goes again, remove the policy (\(Policies.look))"
        )
    }
}
