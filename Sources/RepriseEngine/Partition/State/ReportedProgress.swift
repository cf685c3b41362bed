import RepriseKernel

/// The open tasks that reported progress or have to, and the newest report of each in the current batch. In memory only: a
/// new owner starts with an empty one.
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
        /// When it last gave a sign of life.
        fileprivate var lastSign: Timestamp?
        /// When its progress was last written down.
        fileprivate var keptAt: Timestamp?
        /// Reported since then.
        fileprivate var unkept: Payload?

        init(secret: TaskSecret, activity: String, attempt: Int) {
            self.secret = secret
            self.activity = activity
            self.attempt = attempt
        }
    }

    /// By instance, so that one which ends is found at once.
    private var open: [InstanceKey: [TaskID: Entry]] = [:]
    private var order: [Key] = []
    private var newest: [Key: ProgressMessage] = [:]

    mutating func note(_ key: Key, _ entry: Entry) {
        guard open[key.instance]?[key.task]?.secret != entry.secret else { return }
        open[key.instance, default: [:]][key.task] = entry
    }

    // MARK: Heartbeats

    /// When this ownership began.
    private var began = Timestamp.zero

    mutating func begin(at now: Timestamp) { began = now }

    mutating func sign(_ task: ScheduledTask, of instance: InstanceKey, at now: Timestamp) {
        let key = Key(instance: instance, task: task.id)
        note(key, Entry(secret: task.secret, activity: task.name, attempt: task.attempt))
        open[instance]?[task.id]?.lastSign = now
    }

    /// Where no sign is known, earlier owners had it.
    func lastSign(of task: ScheduledTask, _ instance: InstanceKey) -> Timestamp {
        entry(task, instance)?.lastSign ?? began
    }

    private func entry(_ task: ScheduledTask, _ instance: InstanceKey) -> Entry? {
        guard let entry = open[instance]?[task.id], entry.secret == task.secret else { return nil }
        return entry
    }

    /// What is to be written down now: the value, unless another was written a moment ago. Then it waits for the task to
    /// fail, or for the next report.
    mutating func keep(_ value: Payload, of task: ScheduledTask, _ instance: InstanceKey, at now: Timestamp) -> Payload?
    {
        let isDue = entry(task, instance)?.keptAt.map { now >= $0 + Self.pause } ?? true
        if isDue { open[instance]?[task.id]?.keptAt = now }
        open[instance]?[task.id]?.unkept = isDue ? nil : value
        return isDue ? value : nil
    }

    private static let pause = Duration.seconds(1)

    mutating func takeUnkept(of task: ScheduledTask, _ instance: InstanceKey) -> Payload? {
        guard let value = entry(task, instance)?.unkept else { return nil }
        open[instance]?[task.id]?.unkept = nil
        return value
    }

    // MARK: Ends

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
