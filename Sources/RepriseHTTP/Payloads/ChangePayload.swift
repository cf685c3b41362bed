import RepriseKernel
import RepriseStatus

extension JSONObject {
    /// A line of an instance's timeline: what happened, and the instance's status after it.
    init(_ change: StatusChange) {
        self.init()
        let status = change.status
        add("instanceId", status.instance.value)
        add("name", status.name)
        add("type", change.kind.rawValue)
        add("incarnation", status.incarnation.rawValue)
        add("statusVersion", status.version)
        // As earlier releases call it; in a status, that is the orchestrator's.
        add("version", status.version)
        add("time", TimeText.milliseconds(status.lastUpdatedTime))
        guard change.kind != .purged else { return }
        add("runtimeStatus", status.runtimeStatus.rawValue)
        add("customStatus", status.customStatus)
        guard change.kind.runtimeStatus?.isEnded == true else { return }
        add("output", status.output)
        if let failure = status.failure { add("failure", JSONObject(failure)) }
    }

    init(_ failure: Failure) {
        self.init()
        add("type", failure.type)
        add("message", failure.message)
        if let details = failure.details { add("details", details) }
        if let cause = failure.cause { add("cause", JSONObject(cause)) }
    }
}
