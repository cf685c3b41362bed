package import RepriseKernel

/// Remembers, beyond the process's death, whose orchestrator was running, so that one that traps the process is found
/// and set aside instead of taking the others down forever.
package protocol TurnMarker: AnyObject {
    /// The epoch that turns belong to from now on; 0 at first.
    var epoch: Epoch { get set }
    /// The journal is about to count the next turns of this instance in advance as fatal to the process.
    func beginTrial(of instance: InstanceID)
    /// The journal no longer counts them.
    func endTrial()
    func enter(_ instance: InstanceID)
    func leave()
    /// The turn in which the last process died; returned once, then forgotten.
    func takeUnfinished() -> UnfinishedTurn?
}

package struct UnfinishedTurn: Equatable, Sendable {
    package enum Death: Equatable, Sendable {
        /// A signal of the processor or of the runtime on the partition's own thread.
        case trapped
        /// ``TurnWatchdog`` ended the process for it.
        case timedOut
        /// Nothing was noted: `kill -9`, out of memory, or a trap elsewhere.
        case killed
        /// In a trial, but before the turn or after it: the journal had counted it, or was about to undo that.
        case none
    }

    package var instance: InstanceID
    package var death: Death
    package var epoch: Epoch
    package var isTrial: Bool

    package init(instance: InstanceID, death: Death, epoch: Epoch = 0, isTrial: Bool = false) {
        self.instance = instance
        self.death = death
        self.epoch = epoch
        self.isTrial = isTrial
    }
}

/// What a watchdog sees of a partition's turns, from its own thread.
package protocol WatchedTurns: Sendable {
    /// Another number for every turn; nil between turns.
    var currentTurn: UInt64? { get }
    /// Notes, beyond the process's death, that this turn did not end in time. Nil when it has ended meanwhile.
    func markTimedOut(_ turn: UInt64) -> InstanceID?
}
