package import RepriseKernel

/// Remembers, beyond the process's death, whose orchestrator was running: so that one which traps the process is
/// found and set aside, instead of taking its neighbours down for ever.
package protocol TurnMarker: AnyObject {
    func enter(_ instance: InstanceID)
    func leave()
    /// The turn in which the last process died; asked once, forgotten then.
    func takeUnfinished() -> UnfinishedTurn?
}

package struct UnfinishedTurn: Equatable, Sendable {
    package enum Death: Equatable, Sendable {
        /// A signal of the processor or of the runtime on the partition's own thread.
        case trapped
        /// ``TurnWatchdog`` ended the process for it.
        case timedOut
        /// Nothing was noted: `kill -9`, no memory left, or somebody else's trap.
        case killed
    }

    package var instance: InstanceID
    package var death: Death

    package init(instance: InstanceID, death: Death) {
        self.instance = instance
        self.death = death
    }
}

/// What a watchdog sees of a partition's turns, from a thread of its own.
package protocol WatchedTurns: Sendable {
    /// Another number for every turn; nil between turns.
    var currentTurn: UInt64? { get }
    /// Notes, beyond the process's death, that this turn did not end in time. Nil when it has ended meanwhile.
    func markTimedOut(_ turn: UInt64) -> InstanceID?
}
