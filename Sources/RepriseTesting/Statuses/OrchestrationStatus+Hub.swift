import Reprise
import RepriseKernel

extension OrchestrationStatus {
    init(_ status: InstanceStatus) {
        self.init(
            id: status.instance,
            name: status.name,
            runtimeStatus: status.runtimeStatus,
            createdTime: status.createdTime,
            lastUpdatedTime: status.lastUpdatedTime,
            traits: status.traits,
            revision: Revision(status),
            failure: status.failure,
            input: status.input,
            customStatus: status.customStatus,
            output: status.output
        )
    }
}
