import RepriseKernel
import Synchronization

/// The progress an activity reports while it runs, until the hub takes it.
final class ReportedProgress: Sendable {
    private let values = Mutex<[Payload]>([])

    func add(_ value: Payload) { values.withLock { $0.append(value) } }

    /// All of it, oldest first.
    var taken: [Payload] { values.withLock { $0 } }
}
