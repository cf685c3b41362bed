import RepriseKernel

extension JSONObject {
    /// An instance as status and list show it.
    init(_ status: InstanceStatus, showInput: Bool, history: [JSONObject]? = nil) {
        self.init()
        addStatus(status, showInput: showInput, history: history)
    }

    mutating func addStatus(_ status: InstanceStatus, showInput: Bool, history: [JSONObject]? = nil) {
        add("name", status.name)
        add("instanceId", status.instance.value)
        add("runtimeStatus", status.runtimeStatus.rawValue)
        add("input", showInput ? status.input : .null)
        add("customStatus", status.customStatus)
        add("output", status.output)
        add("createdTime", TimeText.seconds(status.createdTime))
        add("lastUpdatedTime", TimeText.seconds(status.lastUpdatedTime))
        if let history { add("historyEvents", history) }
    }
}
