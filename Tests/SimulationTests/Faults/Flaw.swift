import RepriseEngine
import RepriseKernel

/// A bug planted to prove that the simulation would find it. Decorators make them; the product has no such switch.
enum Flaw: String, CaseIterable {
    case acknowledgesBeforeCommit
    case acknowledgesTooMuch
    case publishesBeforeCommit
    case forgetsWhatItHasSeen
    case publishesNothingAgain
    case takesReturnedForSent
    case forgetsTimers
    case losesPendingEvents
    case runsAheadOfTheClock
    /// How much time has passed is read off the wall clock, and off nothing else.
    case countsByTheWallClock
    /// The clock under which a process begins is held to be right for as long as it lives.
    case believesItsFirstClock
    /// A record counts whatever its epoch.
    case ignoresEpochs
    /// The lock is held on the connection that consumes, and not on the one that publishes.
    case locksElsewhere
    /// Changes that do not fit are left out.
    case omitsConflicts
    /// What dedupes stays on the disk where it was written.
    case logsNoSeenRows
    /// What a generation leaves behind is never deleted.
    case keepsOldGenerations
    /// Reading an entity's state finds it unlocked.
    case forgetsLocks
    /// What instances send each other has no number by which a repeat is known.
    case numbersNoMessages
    /// Starts for later, timeouts and generations that were decided are not taken up by the next process.
    case forgetsItsOwnTimers
    /// Signals are applied when they come, and not when they are due.
    case signalsEarly
    /// Locks are not released when an instance ends.
    case losesUnlocks
    /// What has no confirm in time has no outcome.
    case waitsForEveryConfirm
    /// A resend answers how much is sent again, and sends nothing.
    case resendsNothing
    /// An owner that starts over on a wiped broker continues as if the broker still had everything it once confirmed.
    case takesAWipedBrokerForTheOld
    /// A node that was the last to own a partition holds what is on its disk to be all there is.
    case believesItsCopy
    /// What is committed while a segment's snapshot is written is in the segment before alone.
    case losesCommitsBesideASnapshot
    /// The next process holds the time for clean-up to be over.
    case cutsCleanUpsShort
    /// What activities with a heartbeat limit report is in memory alone.
    case keepsNoProgress
    /// A task's key says which number it has, and not in which life of the journal.
    case givesKeysWithoutALife
}

extension Flaw {
    /// What becomes of what leaves a partition.
    func changed(_ outbound: Outbound) -> Outbound {
        guard self == .givesKeysWithoutALife, case .task(var task) = outbound.message else { return outbound }
        task.task.key.life = 0
        var outbound = outbound
        outbound.message = .task(task)
        return outbound
    }

    /// What becomes of a message from one instance to another; nil when nothing does.
    func changed(_ command: Command) -> Command? {
        var command = command
        switch (self, command.action) {
        case (.numbersNoMessages, _): command.messageID = nil
        case (.signalsEarly, .operate(var request)):
            request.due = nil
            command.action = .operate(request)
        case (.losesUnlocks, .operate(let request)): if case .unlock = request.kind { return nil }
        default: break
        }
        return command
    }
}
