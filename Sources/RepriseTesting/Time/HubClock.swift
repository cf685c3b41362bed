import RepriseKernel
import Synchronization

/// The clock of a ``TestHub``: it stands still until told to advance, and never goes backwards.
final class HubClock: Sendable {
    private let time: Mutex<Timestamp>

    init(_ start: Timestamp) { time = Mutex(start) }

    var now: Timestamp { time.withLock { $0 } }

    func advance(to later: Timestamp) { time.withLock { $0 = max($0, later) } }
}
