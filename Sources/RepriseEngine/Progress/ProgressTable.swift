import RepriseKernel

/// Of which open tasks observers have heard something. In memory only: a new owner begins with an empty one.
struct ProgressTable {
    struct Key: Hashable {
        /// The instance's row.
        var instance: Int64
        var task: TaskID
    }

    /// By instance, so that one which ends is found at once.
    private var open: [Int64: [TaskID: Entry]] = [:]

    struct Entry {
        var secret: TaskSecret
        var activity: String
        var attempt: Int
    }

    mutating func note(_ key: Key, _ entry: Entry) { open[key.instance, default: [:]][key.task] = entry }

    /// Takes out the tasks of an instance that are open no more.
    mutating func takeEnded(of instance: Int64, isOpen: (TaskID, Entry) -> Bool) -> [(task: TaskID, entry: Entry)] {
        guard let tasks = open[instance] else { return [] }
        let ended = tasks.filter { !isOpen($0.key, $0.value) }
        open[instance] = ended.count == tasks.count ? nil : tasks.filter { ended[$0.key] == nil }
        return ended.sorted { $0.key < $1.key }.map { (task: $0.key, entry: $0.value) }
    }
}

/// The newest word on each task, as a batch gathers it.
struct ProgressDraft {
    private var order: [ProgressTable.Key] = []
    private var newest: [ProgressTable.Key: ProgressMessage] = [:]

    mutating func say(_ message: ProgressMessage, of key: ProgressTable.Key) {
        if newest.updateValue(message, forKey: key) == nil { order.append(key) }
    }

    mutating func withdraw(_ key: ProgressTable.Key) {
        if newest.removeValue(forKey: key) != nil { order.removeAll { $0 == key } }
    }

    var messages: [ProgressMessage] { order.compactMap { newest[$0] } }
}
