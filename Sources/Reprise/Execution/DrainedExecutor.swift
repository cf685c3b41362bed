import Foundation
import Synchronization

/// Runs one orchestration's tasks on demand, on the caller's thread: the heart of deterministic replay.
///
/// Every job that the orchestrator's structured concurrency enqueues waits here until ``perform(_:)`` drains it, so
/// that after an event the code runs exactly until it can run no further, on the partition's own thread.
///
/// The order is *the same task first, then first in, first out*. With plain FIFO a cancellation reaches a child task
/// before the child has stored its continuation; the tests hold the exact orders.
///
/// A job that another thread enqueues means that the orchestrator awaited something that is not durable. It is kept
/// apart, never run, and reported by ``hasForeignJobs``.
final class DrainedExecutor: TaskExecutor, @unchecked Sendable {
    // Proof of Sendable: `ready`, `next`, `sameTask` and `current` are touched only by the thread whose id is in
    // `drainer`, which `perform` sets; every other thread gets no further than `foreign`, behind its lock.
    private let drainer = Atomic<UInt>(0)
    private var ready: [UnownedJob] = []
    private var next = 0
    private var sameTask: UnownedJob?
    private var current: UInt64 = 0
    private let foreign = Mutex<[UnownedJob]>([])

    /// True on the thread that drains right now.
    var isCurrent: Bool { drainer.load(ordering: .relaxed) == UInt(pthread_self()) }

    var hasForeignJobs: Bool { foreign.withLock { !$0.isEmpty } }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        guard isCurrent else { return foreign.withLock { $0.append(job) } }
        // A task has at most one job at a time, so one place is enough for the task that runs now.
        if current != 0, taskID(of: job) == current {
            sameTask = job
        } else {
            ready.append(job)
        }
    }

    /// Runs `body`, then every enqueued job, until none is left or `bound` jobs have run. Returns false when it hit the
    /// bound.
    func perform(bound: Int = .max, _ body: () -> Void) -> Bool {
        drainer.store(UInt(pthread_self()), ordering: .relaxed)
        defer { drainer.store(0, ordering: .relaxed) }
        body()
        var count = 0
        while let job = takeNext() {
            if count == bound {
                ready.append(job)
                return false
            }
            count += 1
            current = taskID(of: job)
            job.runSynchronously(on: asUnownedTaskExecutor())
            current = 0
        }
        return true
    }

    private func takeNext() -> UnownedJob? {
        if let job = sameTask {
            sameTask = nil
            return job
        }
        guard next < ready.count else {
            ready.removeAll(keepingCapacity: ready.count < 64)
            next = 0
            return nil
        }
        defer { next += 1 }
        return ready[next]
    }

    private func taskID(of job: UnownedJob) -> UInt64 { _getJobTaskID(job) }
}

/// The id of the task a job belongs to, as `ExecutorJob`'s description shows it; reading it there costs a string.
@_silgen_name("swift_task_getJobTaskId")
private func _getJobTaskID(_ job: UnownedJob) -> UInt64
