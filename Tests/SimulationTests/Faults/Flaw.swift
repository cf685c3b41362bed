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
    /// A record counts whatever its epoch.
    case ignoresEpochs
    /// The lock is held on the connection that consumes, and not on the one that publishes.
    case locksElsewhere
    /// Changes that do not fit are left out.
    case omitsConflicts
    /// What dedupes stays on the disk where it was written.
    case logsNoSeenRows
}
