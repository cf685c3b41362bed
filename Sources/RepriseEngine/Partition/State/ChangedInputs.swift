import RepriseKernel

/// Instances whose replayed code passes on something other than history says, since the partition was taken.
struct ChangedInputs {
    /// By key: each is reported once, however often it is replayed.
    private var told: Set<InstanceKey> = []
    private let most: Int

    init(most: Int = 10_000) { self.most = most }

    var count: Int { told.count }

    /// Whether this is worth a line in the log. Beyond the bound nothing is: with that many, the problem has been
    /// reported.
    mutating func note(_ instance: InstanceKey) -> Bool {
        guard told.count < most else { return false }
        return told.insert(instance).inserted
    }
}
