import Foundation
import Synchronization

/// Keeps a thread busy until it is told to stop, with pauses.
final class LinkHolder: Sendable {
    private let state = Mutex(false)

    var isBusy: Bool {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }

    func pace() { Thread.sleep(forTimeInterval: 0.05) }
}
