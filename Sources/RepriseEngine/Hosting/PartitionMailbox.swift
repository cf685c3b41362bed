import Foundation
import RepriseKernel

/// Where other threads leave work for a partition's thread. The thread takes everything that is there at once.
///
/// Bounded by its senders: deliveries by the consumer's prefetch, settlements by what was published.
final class PartitionMailbox: @unchecked Sendable {
    // Proof of Sendable: `contents` is touched only between lock and unlock of `mutex`.

    /// Work that a caller waits for. Called with nil when the thread has ended: it must resume the caller.
    typealias Control = (PartitionLoop?) -> Void

    struct Contents {
        var controls: [Control] = []
        var deliveries: [InboundDelivery] = []
        var settlements: [OutboundSettlement] = []
    }

    private var contents = Contents()
    private var isClosed = false
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // A step of the wall clock must neither block the thread nor make it spin.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// False when it will never be taken, because the thread has ended.
    @discardableResult
    func post(_ change: (inout Contents) -> Void) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !isClosed else { return false }
        change(&contents)
        pthread_cond_signal(condition)
        return true
    }

    /// Accepts nothing more, and returns the callers still waiting.
    func close() -> [Control] {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        isClosed = true
        defer { contents = Contents() }
        return contents.controls
    }

    /// Waits until there is work or `timeout` has passed, and takes the work.
    ///
    /// Deliveries are taken only when `takesDeliveries`, and then at most `count` or `bytes` of them; one at least.
    func take(timeout: Duration, takesDeliveries: Bool, count: Int, bytes: Int) -> Contents {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if !hasWork(takesDeliveries) {
            var deadline = timespec()
            clock_gettime(CLOCK_MONOTONIC, &deadline)
            let (seconds, attoseconds) = timeout.components
            let nanoseconds = deadline.tv_nsec + Int(attoseconds / 1_000_000_000)
            deadline.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
            deadline.tv_nsec = nanoseconds % 1_000_000_000
            while !hasWork(takesDeliveries) {
                if pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT { break }
            }
        }
        var taken = Contents()
        swap(&taken.controls, &contents.controls)
        swap(&taken.settlements, &contents.settlements)
        guard takesDeliveries else { return taken }
        var size = 0
        var end = 0
        while end < contents.deliveries.count, end < count {
            size += contents.deliveries[end].size
            if end > 0, size > bytes { break }
            end += 1
        }
        if end == contents.deliveries.count {
            swap(&taken.deliveries, &contents.deliveries)
        } else {
            taken.deliveries = Array(contents.deliveries.prefix(end))
            contents.deliveries.removeFirst(end)
        }
        return taken
    }

    private func hasWork(_ takesDeliveries: Bool) -> Bool {
        !contents.controls.isEmpty || !contents.settlements.isEmpty || (takesDeliveries && !contents.deliveries.isEmpty)
    }
}
