import RepriseKernel

/// The open tasks whose progress has been published, and the newest report of each in the current batch. In memory
/// only: a new owner starts with an empty one.
struct ReportedProgress {
    struct Key: Hashable {
        /// The instance's row.
        var instance: InstanceKey
        var task: TaskID
    }

    struct Entry {
        var secret: TaskSecret
        var activity: String
        var attempt: Int
        /// Only what was published must be withdrawn.
        fileprivate(set) var isHeard = false
    }

    /// By instance, so that one which ends is found at once.
    private var open: [InstanceKey: [TaskID: Entry]] = [:]
    private var order: [Key] = []
    private var newest: [Key: ProgressMessage] = [:]

    mutating func note(_ key: Key, _ entry: Entry) {
        guard open[key.instance]?[key.task]?.secret != entry.secret else { return }
        open[key.instance, default: [:]][key.task] = entry
    }

    /// Removes the tasks of an instance that are no longer open.
    mutating func takeEnded(of instance: InstanceKey, isOpen: (TaskID, Entry) -> Bool) -> [(task: TaskID, entry: Entry)]
    {
        guard let tasks = open[instance] else { return [] }
        let ended = tasks.filter { !isOpen($0.key, $0.value) }
        open[instance] = ended.count == tasks.count ? nil : tasks.filter { ended[$0.key] == nil }
        return ended.sorted { $0.key < $1.key }.map { (task: $0.key, entry: $0.value) }
    }

    mutating func say(_ message: ProgressMessage, of key: Key) {
        if newest.updateValue(message, forKey: key) == nil { order.append(key) }
    }

    mutating func withdraw(_ key: Key) {
        if newest.removeValue(forKey: key) != nil { order.removeAll { $0 == key } }
    }

    /// The messages of the batch, which then count as published.
    mutating func takeMessages() -> [ProgressMessage] {
        defer {
            order = []
            newest = [:]
        }
        for key in order { open[key.instance]?[key.task]?.isHeard = true }
        return order.compactMap { newest[$0] }
    }
}
