import RepriseKernel
import RepriseStatus

extension JSONObject {
    /// An instance as status and list show it.
    init(
        _ status: InstanceStatus,
        showInput: Bool,
        history: [JSONObject]? = nil,
        progress: [JSONObject]? = nil,
        showEvents: Bool = false
    ) {
        self.init()
        addStatus(status, showInput: showInput, history: history)
        if let progress { add("progress", progress) }
        guard showEvents else { return }
        if let events = status.waitingFor { add("waitingFor", texts: events) }
        if !status.unreadEvents.isEmpty {
            let events = status.unreadEvents.map { event in
                var object = JSONObject()
                object.add("name", event.name)
                object.add("time", TimeText.milliseconds(event.time))
                return object
            }
            add("unreadEvents", events)
        }
    }

    /// The progress of an activity.
    init(_ progress: ActivityProgress) {
        self.init()
        add("activity", progress.activity)
        add("task", progress.task.value)
        add("attempt", Int64(progress.attempt))
        add("time", TimeText.milliseconds(progress.time))
        add("value", progress.value)
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
        if let parent = status.traits.parent { add("parentInstanceId", parent.value) }
        if !status.traits.tags.isEmpty {
            var tags = JSONObject()
            for (name, value) in status.traits.tags.sorted(by: { $0.key < $1.key }) { tags.add(name, value) }
            add("tags", tags)
        }
        if let version = status.traits.version { add("version", version) }
        if let time = status.traits.startTime { add("startTime", TimeText.milliseconds(time)) }
        if let history { add("historyEvents", history) }
    }
}
