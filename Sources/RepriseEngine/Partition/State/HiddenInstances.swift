import RepriseKernel

/// Incarnations that are hidden and not yet deleted: a queue in the order in which they may be deleted.
///
/// Each is checked once when its turn comes, however many wait behind it, and again for each time it was kept.
struct HiddenInstances {
    private var rows: [InstanceRow]
    /// Those before it are taken.
    private var front = 0
    /// Incarnations that the current batch has purged or replaced.
    private var fresh: [LiveInstance] = []

    private static let deletedAtOnce = 32

    /// In any order.
    init(_ rows: [InstanceRow]) {
        self.rows = rows.sorted { ($0.hiddenThrough ?? .max, $0.key) < ($1.hiddenThrough ?? .max, $1.key) }
    }

    var count: Int { rows.count - front }
    var first: InstanceRow? { front < rows.count ? rows[front] : nil }

    // MARK: The batch

    var hasFresh: Bool { !fresh.isEmpty }

    func hides(_ key: InstanceKey) -> Bool { fresh.contains { $0.row.key == key } }

    func hides(_ id: InstanceID) -> Bool { fresh.contains { $0.row.id == id } }

    mutating func hide(_ instance: LiveInstance) { fresh.append(instance) }

    /// Returns how many are hidden from now on.
    ///
    /// - Parameter number: the last outbound number that was given.
    mutating func takeFresh(through number: OutboundNumber, into commit: inout JournalCommit) -> Int {
        for instance in fresh {
            instance.row.hiddenThrough = number
            commit.instances.removeAll { $0.key == instance.row.key }
            // First: only when the old row is hidden may a new one have its id.
            commit.instances.insert(instance.row, at: 0)
            rows.append(instance.row)
        }
        defer { fresh = [] }
        return fresh.count
    }

    // MARK: Deletion

    /// Rows go once the broker has their last message.
    func hasDeletable(confirmedThrough: OutboundNumber) -> Bool { first?.isConfirmed(confirmedThrough) == true }

    /// Puts into the commit what may go now. Each row goes through the log again: a few at a time. One that may not
    /// go yet moves to the end, so that it does not block others.
    ///
    /// - Parameter isAwaited: whether a message of its history is to be retried, and so must be read from it.
    mutating func takeDeletable(
        confirmedThrough: OutboundNumber,
        atMost limit: Int = deletedAtOnce,
        into commit: inout JournalCommit,
        isAwaited: (InstanceKey) -> Bool
    ) {
        var looks = min(count, limit * 2)
        while looks > 0, commit.deletedInstances.count < limit, let row = first, row.isConfirmed(confirmedThrough) {
            looks -= 1
            front += 1
            if isAwaited(row.key) { rows.append(row) } else { commit.deletedInstances.append(row.key) }
        }
        // Frees the places of what was taken, once they are half of all: each row moves once on average.
        if front > 64, front > rows.count / 2 {
            rows.removeFirst(front)
            front = 0
        }
    }
}

extension InstanceRow {
    fileprivate func isConfirmed(_ confirmedThrough: OutboundNumber) -> Bool {
        (hiddenThrough ?? .max) <= confirmedThrough
    }
}
