import Synchronization

/// Makes what a hub is missing again, once for all partitions of a node that miss it: each declares the queues of all.
final class HubRepair: Sendable {
    private let underWay = Mutex<Promise<Bool>?>(nil)

    /// Does `work`; while somebody else does, waits for the end of that instead and gives false. What is missing still comes
    /// back to whoever sent it, who asks again.
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
