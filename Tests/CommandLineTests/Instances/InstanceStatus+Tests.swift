import RepriseKernel

extension InstanceStatus {
    static func trip(
        _ id: String,
        _ runtimeStatus: RuntimeStatus = .running,
        version: Int64 = 1,
        traits: InstanceTraits = InstanceTraits()
    ) -> InstanceStatus {
        InstanceStatus(
            instance: InstanceID(trusted: id),
            name: "Trip",
            incarnation: 1,
            version: version,
            runtimeStatus: runtimeStatus,
            input: .null,
            customStatus: .null,
            output: .null,
            failure: nil,
            createdTime: .zero,
            lastUpdatedTime: Timestamp(milliseconds: 1_000),
            partition: PartitionNumber(0),
            sequence: 1,
            traits: traits
        )
    }
}
