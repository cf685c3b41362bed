import Synchronization

/// Recreates what a hub is missing, once for all partitions of a node that miss it: each declares the queues of all.
final class HubRepair: Sendable {
    private let underWay = Mutex<Promise<Bool>?>(nil)

    /// Does `work`; while another caller does, waits for its end instead and returns false. What is still missing comes
    /// back to its sender, who asks again.
    @discardableResult
    func run<Problem>(_ work: () async throws(Problem) -> Void) async throws(Problem) -> Bool {
        let mine = Promise<Bool>()
        let theirs = underWay.withLock { current in
            if current == nil { current = mine }
            return current === mine ? nil : current
        }
        if let theirs {
            _ = await theirs.value()
            return false
        }
        defer {
            underWay.withLock { $0 = nil }
            mine.set(true)
        }
        try await work()
        return true
    }
}
