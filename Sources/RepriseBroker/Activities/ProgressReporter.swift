import RepriseKernel
import Synchronization

/// Lets the latest of a task's reports through, and not too many: the first at once, then one each 200 ms at most.
///
/// Reporting never waits; a report overtaken by another before it is sent is never sent.
final class ProgressReporter: Sendable {
    static let interval = Duration.milliseconds(200)

    private let latest = Mutex<Payload?>(nil)
    private let reports: AsyncStream<Void>
    private let reported: AsyncStream<Void>.Continuation

    init() { (reports, reported) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func report(_ value: Payload) {
        latest.withLock { $0 = value }
        reported.yield()
    }

    /// What has been reported and not sent.
    func takeLatest() -> Payload? { latest.withLock { $0.take() } }

    /// Sends until the task is canceled. What has not been sent by then is not sent by it: a result says more.
    func run(clock: some Clock<Duration> = ContinuousClock(), send: (Payload) -> Void) async {
        for await _ in reports {
            if let value = takeLatest() { send(value) }
            do { try await clock.sleep(for: Self.interval) } catch { return }
        }
    }
}
