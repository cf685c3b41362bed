import RepriseKernel

/// The instances in memory, by id and by key; those that the current batch has touched.
///
/// When there are too many, the least recently used rows go first: the journal has them.
struct LiveInstances {
    private var byID: [InstanceID: LiveInstance] = [:]
    private var byKey: [InstanceKey: LiveInstance] = [:]
    private var uses: UInt64 = 0
    /// In the order they were first touched.
    private(set) var touched: [LiveInstance] = []

    var count: Int { byID.count }
    var all: some Collection<LiveInstance> { byID.values }

    func peek(_ id: InstanceID) -> LiveInstance? { byID[id] }

    mutating func use(_ id: InstanceID) -> LiveInstance? {
        guard let known = byID[id] else { return nil }
        uses += 1
        known.lastUse = uses
        return known
    }

    func peek(key: InstanceKey) -> LiveInstance? { byKey[key] }

    @discardableResult
    mutating func keep(_ instance: LiveInstance) -> LiveInstance {
        uses += 1
        instance.lastUse = uses
        byID[instance.row.id] = instance
        byKey[instance.row.key] = instance
        return instance
    }

    mutating func forget(_ instance: LiveInstance) {
        if byKey.removeValue(forKey: instance.row.key) != nil, byID[instance.row.id] === instance {
            byID[instance.row.id] = nil
        }
    }

    /// The least recently used ones beyond the limit, and some more, so that it is not done each time.
    func crowded(beyond limit: Int) -> [LiveInstance] {
        guard count > limit else { return [] }
        return Array(byID.values.sorted { $0.lastUse < $1.lastUse }.prefix(count - limit * 9 / 10))
    }

    mutating func touch(_ instance: LiveInstance) {
        guard !instance.isTouched else { return }
        instance.isTouched = true
        touched.append(instance)
    }

    func isTouched(_ id: InstanceID) -> Bool { touched.contains { $0.row.id == id } }

    mutating func takeTouched() -> [LiveInstance] {
        defer { touched = [] }
        return touched
    }
}
