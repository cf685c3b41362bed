import RepriseKernel

/// Whose replayed code passes on something else than history says, since the partition was taken.
struct ChangedInputs {
    /// By key: each is said once, however often it is replayed.
    private var told: Set<InstanceKey> = []
    private let most: Int

    init(most: Int = 10_000) { self.most = most }

    var count: Int { told.count }

    /// Whether this is news worth a line in the log. Beyond the bound nothing is: what is wrong with so many is said.
    mutating func note(_ instance: InstanceKey) -> Bool {
        guard told.count < most else { return false }
        return told.insert(instance).inserted
    }
}
