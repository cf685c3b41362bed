import RepriseKernel

/// An instance as scripts read it: the fields of the HTTP API, plus what only a partition knows.
enum InstanceJSON {
    static func object(_ status: InstanceStatus, history: [HistoryRecord]? = nil) -> JSONObject {
        var object = JSONObject()
        object.add("name", status.name)
        object.add("instanceId", status.instance.value)
        object.add("runtimeStatus", status.runtimeStatus.rawValue)
        object.add("input", status.input)
        object.add("customStatus", status.customStatus)
        object.add("output", status.output)
        object.add("createdTime", status.createdTime.text)
        object.add("lastUpdatedTime", status.lastUpdatedTime.text)
        object.add("incarnation", status.incarnation.rawValue)
        object.add("statusVersion", status.version)
        // As earlier releases call it; in the HTTP API, that is the orchestrator's.
        object.add("version", status.version)
        object.add("partition", status.partition.value)
        if let parent = status.traits.parent { object.add("parentInstanceId", parent.value) }
        if let version = status.traits.version { object.add("orchestratorVersion", version) }
        if !status.traits.tags.isEmpty {
            var tags = JSONObject()
            for (name, value) in status.traits.tags.sorted(by: { $0.key < $1.key }) { tags.add(name, value) }
            object.add("tags", tags)
        }
        if let time = status.traits.startTime { object.add("startTime", time.text) }
        if let events = status.waitingFor { object.add("waitingFor", .strings(events)) }
        if !status.unreadEvents.isEmpty {
            object.add("unreadEvents", status.unreadEvents.map(event))
        }
        if let history { object.add("history", lines: history.map(event)) }
        return object
    }

    private static func event(_ unread: UnreadEvent) -> JSONObject {
        var object = JSONObject()
        object.add("name", unread.name)
        object.add("time", unread.time.text)
        return object
    }

    private static func event(_ record: HistoryRecord) -> JSONObject {
        let event = HistoryText(record.event)
        var object = JSONObject()
        object.add("event", event.word)
        object.add("time", record.time.text)
        if let version = record.version {
            object.add("statusVersion", version)
            object.add("version", version)
        }
        if let task = event.task { object.add("task", task.value) }
        if let name = event.name { object.add("name", name) }
        if let payload = event.payload { object.add("payload", payload) }
        return object
    }
}
