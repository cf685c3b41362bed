package import Logging
package import RepriseEngine
package import RepriseKernel
import ServiceLifecycle

/// Keeps the read model up to date: applies the hub's status messages, and asks the partitions for what it missed.
///
/// ```
///  broker ── batches ──► apply ──► model ◄── pages ── sweep ◄── one task per partition ──► HubClient
///                          │                                        ▲
///                          └───── a gap, a new owner ── signal ─────┘
/// ```
///
/// Live messages are applied independently of sweeps; a partition without an owner delays neither other partitions nor
/// its own messages. ``run()`` must run for gaps to be closed.
package final class StatusProjector: StatusSink, Service {
    package let model: StatusModel
    let client: any HubClient
    let pace: ProjectorPace
    let logger: Logger
    /// One signal per partition: "compare yourself with your partition".
    private let signals: [ReconcileSignal]

    package init(model: StatusModel, client: any HubClient, pace: ProjectorPace = ProjectorPace(), logger: Logger) {
        self.model = model
        self.client = client
        self.pace = pace
        self.logger = logger
        signals = (0..<model.partitionCount).map { _ in ReconcileSignal() }
    }

    // MARK: StatusSink

    package func apply(_ batch: [StatusMessage]) async throws {
        let applied = try await model.apply(batch)
        for partition in applied.doubtful { signals[partition.value].raise() }
        if applied.foreign > 0 {
            logger.warning("\(applied.foreign) status messages dropped: their instance is in another partition")
        }
    }

    package func note(_ progress: [ProgressMessage]) async throws { try await model.note(progress) }

    package func mayHaveMissed() async {
        do {
            try await model.forgetActivityProgress()
        } catch {
            logger.warning("Activity progress that may be stale could not be removed from the read model: \(error)")
        }
        compareAll()
    }

    private func compareAll() {
        for signal in signals { signal.raise() }
    }

    // MARK: Service

    /// Compares every partition with the model at once, on any sign of loss and periodically, until the task is
    /// canceled.
    package func run() async throws {
        compareAll()
        try await cancelWhenGracefulShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<self.model.partitionCount {
                    group.addTask { try await self.follow(PartitionNumber(number)) }
                }
                group.addTask {
                    while !Task.isCancelled {
                        try await self.pace.sleep(self.pace.comparison)
                        self.compareAll()
                    }
                }
                do {
                    while try await group.next() != nil {}
                } catch is CancellationError {
                    group.cancelAll()
                }
            }
        }
    }

    private func follow(_ partition: PartitionNumber) async throws {
        var failures = 0
        for await _ in signals[partition.value].signals {
            while !Task.isCancelled {
                do {
                    try await reconcile(partition) { _ in }
                    failures = 0
                    break
                } catch is CancellationError {
                    return
                } catch {
                    // Most likely the model's disk: log it, and try again; the messages have their own retries.
                    failures += 1
                    logger.error("Partition \(partition) of the read model could not be brought up to date: \(error)")
                    try await pace.sleep(pace.pause(after: failures))
                }
            }
        }
    }

    // MARK: Rebuilding

    /// The progress of a rebuild or a sweep.
    package enum RebuildEvent: Equatable, Sendable {
        case sweeping(PartitionNumber, instances: Int)
        case waiting(PartitionNumber, reason: String)
        case done(PartitionNumber, instances: Int)
    }

    /// Empties the model and fills it again from all partitions concurrently; it waits for a partition without an
    /// owner.
    ///
    /// A crash, or a cancellation, leaves a model that the next comparison completes.
    package func rebuild(progress: @escaping @Sendable (RebuildEvent) -> Void) async throws {
        for number in 0..<model.partitionCount { try await model.startOver(PartitionNumber(number)) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<model.partitionCount {
                group.addTask { try await self.reconcile(PartitionNumber(number), report: progress) }
            }
            while try await group.next() != nil {}
        }
    }
}

/// A signal that is raised or not; raising it twice is the same as once.
private final class ReconcileSignal: Sendable {
    let signals: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (signals, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func raise() { continuation.yield() }
}
