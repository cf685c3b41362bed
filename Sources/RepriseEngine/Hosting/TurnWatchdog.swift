import Dispatch
import Foundation
package import RepriseKernel

/// Finds turns that do not end, from its own thread: only ending the process can stop code that loops.
///
/// ```
///  partition's thread     enter ─────── a turn that loops ─────────────────────────────────
///  watchdog's thread        │ tick │ tick │ … the same turn at ten ticks on end ──► onStuck
/// ```
///
/// A tick counts as one, however late it comes: a process that was paused, or a machine that slept, is not mistaken for
/// a long turn.
package final class TurnWatchdog: Sendable {
    private let interval: Duration
    private let partitions: [(number: PartitionNumber, turns: any WatchedTurns)]
    private let onStuck: @Sendable (PartitionNumber, InstanceID) -> Void
    private let stopped = DispatchSemaphore(value: 0)

    /// - Parameter onStuck: called on the watchdog's thread when the turn is marked; the process must end.
    package init(
        timeout: Duration,
        partitions: [(number: PartitionNumber, turns: any WatchedTurns)],
        onStuck: @escaping @Sendable (PartitionNumber, InstanceID) -> Void
    ) {
        interval = timeout / LastingTurn.limit
        self.partitions = partitions
        self.onStuck = onStuck
    }

    package func start() {
        let thread = Thread { [self] in run() }
        thread.name = "turn-watchdog"
        thread.start()
    }

    /// Ends the thread at its next tick.
    package func stop() { stopped.signal() }

    private func run() {
        var lasting = partitions.map { _ in LastingTurn() }
        let (seconds, attoseconds) = interval.components
        let pause = DispatchTimeInterval.nanoseconds(Int(seconds * 1_000_000_000 + attoseconds / 1_000_000_000))
        while stopped.wait(timeout: .now() + pause) == .timedOut {
            for (index, partition) in partitions.enumerated() {
                guard let turn = lasting[index].tick(partition.turns.currentTurn),
                    let instance = partition.turns.markTimedOut(turn)
                else { continue }
                onStuck(partition.number, instance)
            }
        }
    }
}

/// Counts for how many consecutive ticks the same turn was running.
struct LastingTurn {
    /// Ticks after the first that saw it.
    static let limit = 10

    private var turn: UInt64?
    private var ticks = 0

    /// The turn once it has lasted too long.
    mutating func tick(_ current: UInt64?) -> UInt64? {
        guard let current, current == turn else {
            turn = current
            ticks = 0
            return nil
        }
        ticks += 1
        return ticks >= Self.limit ? current : nil
    }
}
