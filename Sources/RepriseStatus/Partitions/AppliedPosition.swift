package import RepriseKernel

/// How far the read model has followed one partition: it decides what is new, what is a repeat and what is missing.
///
/// ```
///  sequence   1 … applied │ missing │ run.lower … run.upper │ not published yet
///             all of it   │ a gap   │ live messages after   │
///             is applied  │         │ the gap: applied too  │
/// ```
///
/// Without a gap there is no run. Messages after a gap are applied at once (merging needs no order); the gap itself is
/// closed by the missing messages if they come after all, or by a sweep of the partition's instances.
package struct AppliedPosition: Equatable, Sendable {
    package let partition: PartitionNumber
    /// Every message up to this one has been applied.
    package var applied: StatusSequenceNumber = 0
    /// The messages without a gap that were applied beyond `applied`.
    package var run: ClosedRange<StatusSequenceNumber>?
    /// The highest epoch seen; messages of an older owner are dropped.
    package var epoch: Epoch = 0
    /// The highest sequence that the partition is known to have reached.
    package var known: StatusSequenceNumber = 0
    /// The journal the partition was last seen with: a different one starts over.
    package var journal: JournalID?
    /// Counts the sweeps; a row carries the number of the last one that saw it.
    package var sweep: Int64 = 0

    package init(partition: PartitionNumber) { self.partition = partition }

    /// How many messages are known to be missing.
    package var lag: Int64 { max(0, applied.distance(to: known)) }

    package enum Admission: Equatable, Sendable {
        /// New: merge it.
        case new
        /// Everything up to it has been applied already: late messages change nothing, and cannot resurrect a purged
        /// instance whose tombstone is gone.
        case known
        /// From a former owner.
        case stale
    }

    package mutating func admit(sequence: StatusSequenceNumber, epoch: Epoch) -> Admission {
        guard epoch >= self.epoch else { return .stale }
        self.epoch = epoch
        guard sequence > applied else { return .known }
        known = max(known, sequence)
        if sequence == applied.next {
            applied = sequence
            absorbRun()
        } else {
            extendRun(with: sequence)
        }
        return .new
    }

    private mutating func extendRun(with sequence: StatusSequenceNumber) {
        guard let old = run else {
            run = sequence...sequence
            return
        }
        if sequence == old.upperBound.next {
            run = old.lowerBound...sequence
        } else if sequence.next == old.lowerBound {
            run = sequence...old.upperBound
        } else if sequence > old.upperBound {
            // A second gap: only what follows the last one is known to be complete.
            run = sequence...sequence
        }
    }

    private mutating func absorbRun() {
        guard let run, run.lowerBound <= applied.next else { return }
        applied = max(applied, run.upperBound)
        self.run = nil
    }

    // MARK: Sweeps

    /// - Returns: the number that marks the rows of this sweep.
    package mutating func beginSweep() -> Int64 {
        sweep += 1
        return sweep
    }

    package enum PageVerdict: Equatable, Sendable {
        case merge
        /// Live messages have passed the page: it has nothing new, and could bring back what was purged since.
        case caughtUp
        /// Live messages have passed the page but left a gap behind it: a newer sweep must close that.
        case tooOld
    }

    package func judge(pageAt sequence: StatusSequenceNumber) -> PageVerdict {
        guard applied >= sequence else { return .merge }
        return run == nil ? .caughtUp : .tooOld
    }

    /// The whole partition has been seen as of `sequence` or later.
    ///
    /// - Returns: true when nothing is missing now.
    package mutating func endSweep(at sequence: StatusSequenceNumber) -> Bool {
        applied = max(applied, sequence)
        known = max(known, applied)
        absorbRun()
        return run == nil
    }

    /// The partition's journal is a different one: nothing known about it holds.
    package mutating func startOver() {
        let sweep = sweep
        self = AppliedPosition(partition: partition)
        self.sweep = sweep
    }
}
