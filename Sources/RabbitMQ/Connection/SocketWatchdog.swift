import CRabbitMQ
import Synchronization

/// Frees threads that are stuck inside librabbitmq.
///
/// Version 0.11 can wait forever in a write, heartbeats or not, when the peer reads nothing (its issue 780). Only
/// closing the socket wakes it, so one thread of the process checks whether every connection's thread makes progress,
/// and shuts down the sockets of those that don't.
final class SocketWatchdog: Sendable {
    static let shared = SocketWatchdog()

    /// One connection, as the watchdog sees it.
    final class Watch: Sendable {
        fileprivate let limit: UInt64
        fileprivate let breaker: Int32
        private let busySince = Atomic<UInt64>(0)
        private let fired = Atomic<Bool>(false)

        /// `breaker` is closed with the watch.
        init(breaker: Int32, limit: UInt64) {
            self.breaker = breaker
            self.limit = limit
        }

        deinit { rmq_breaker_close(breaker) }

        /// The thread is about to call librabbitmq.
        func enter() { busySince.store(rmq_now(), ordering: .relaxed) }
        /// The thread is back.
        func leave() { busySince.store(0, ordering: .relaxed) }
        /// Whether the connection was aborted.
        var hasFired: Bool { fired.load(ordering: .relaxed) }

        fileprivate func check(now: UInt64) {
            let since = busySince.load(ordering: .relaxed)
            guard since != 0, now > since, now - since > limit, !hasFired else { return }
            fired.store(true, ordering: .relaxed)
            rmq_breaker_trip(breaker)
        }
    }

    private struct State {
        var watches: [ObjectIdentifier: Watch] = [:]
        var isRunning = false
        var doorbell: Doorbell?
    }

    private let state = Mutex(State())

    func add(_ watch: Watch) throws(RabbitMQError) {
        let doorbell = try Doorbell()
        let (current, mustStart): (Doorbell, Bool) = state.withLock { state in
            state.watches[ObjectIdentifier(watch)] = watch
            let current = state.doorbell ?? doorbell
            state.doorbell = current
            defer { state.isRunning = true }
            return (current, !state.isRunning)
        }
        if mustStart {
            do throws(RabbitMQError) {
                try OwnedThread.start { self.run(current) }
            } catch {
                state.withLock { state in
                    state.isRunning = false
                    state.watches[ObjectIdentifier(watch)] = nil
                }
                throw error
            }
        }
        current.ring()
    }

    func remove(_ watch: Watch) {
        state.withLock { $0.watches[ObjectIdentifier(watch)] = nil }
    }

    /// Checks four times per limit; sleeps indefinitely while there is nothing to watch.
    private func run(_ doorbell: Doorbell) {
        while true {
            let watches = state.withLock { Array($0.watches.values) }
            let now = rmq_now()
            for watch in watches { watch.check(now: now) }
            let pause = watches.map(\.limit).min().map { Int32(clamping: max($0 / 4_000_000, 10)) } ?? -1
            rmq_doorbell_wait(doorbell.descriptor, pause)
        }
    }
}
