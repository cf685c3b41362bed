import RepriseKernel
import Testing

@testable import RepriseStatus

@Suite struct AppliedPositionTests {
    /// A reference, so that an expectation can change what it looks at.
    final class Follower {
        var state = AppliedPosition(partition: PartitionNumber(3))
        func admit(_ sequence: StatusSequenceNumber, epoch: Epoch = 1) -> AppliedPosition.Admission {
            state.admit(sequence: sequence, epoch: epoch)
        }
        func endSweep(at sequence: StatusSequenceNumber) -> Bool { state.endSweep(at: sequence) }
        func beginSweep() -> Int64 { state.beginSweep() }
    }

    let follower = Follower()
    var progress: AppliedPosition { follower.state }

    @Test func messagesInOrderLeaveNoGap() {
        for sequence in StatusSequenceNumber(rawValue: 1)...5 { #expect(follower.admit(sequence) == .new) }
        #expect(progress.applied == 5)
        #expect(progress.run == nil)
        #expect(follower.admit(5) == .known)
        #expect(follower.admit(1) == .known)
    }

    @Test func aGapIsSeenAndClosedByTheMissingMessages() {
        #expect(follower.admit(1) == .new)
        #expect(follower.admit(4) == .new)
        #expect(follower.admit(5) == .new)
        #expect(progress.applied == 1)
        #expect(progress.run == 4...5)
        #expect(progress.lag == 4)

        #expect(follower.admit(3) == .new)
        #expect(progress.run == 3...5)
        #expect(follower.admit(2) == .new)
        #expect(progress.applied == 5)
        #expect(progress.run == nil)
        #expect(progress.lag == 0)
    }

    @Test func aSweepClosesTheGapBeforeIt() {
        _ = follower.admit(10)
        _ = follower.admit(11)
        #expect(follower.endSweep(at: 10))
        #expect(progress.applied == 11)
        #expect(progress.run == nil)
    }

    @Test func aGapBehindTheSweepNeedsAnother() {
        _ = follower.admit(10)
        _ = follower.admit(14)
        #expect(progress.run == 14...14)
        #expect(!follower.endSweep(at: 11))
        #expect(progress.applied == 11)
        #expect(follower.endSweep(at: 14))
    }

    @Test func aPageThatLiveMessagesHavePassedTellsNothing() {
        for sequence in StatusSequenceNumber(rawValue: 1)...8 { _ = follower.admit(sequence) }
        #expect(progress.judge(pageAt: 9) == .merge)
        #expect(progress.judge(pageAt: 8) == .caughtUp)
        _ = follower.admit(12)
        #expect(progress.judge(pageAt: 8) == .tooOld)
        #expect(progress.judge(pageAt: 12) == .merge)
    }

    @Test func anOlderOwnerIsNotHeard() {
        _ = follower.admit(1, epoch: 2)
        #expect(follower.admit(2) == .stale)
        #expect(progress.applied == 1)
        #expect(follower.admit(2, epoch: 3) == .new)
    }

    @Test func startingOverForgetsAllButTheCountOfSweeps() {
        _ = follower.beginSweep()
        _ = follower.admit(1, epoch: 2)
        follower.state.startOver()
        #expect(progress.applied == 0)
        #expect(progress.epoch == 0)
        #expect(follower.beginSweep() == 2)
    }
}
