import RepriseEngine
import RepriseKernel
import Testing

@Suite struct LogCatchUpTests {
    private let pointer = LogAddress(segment: 2, commit: 30, records: 5)

    private func holding(_ commit: CommitNumber, epoch: Epoch = 4) -> HeldJournal {
        HeldJournal(
            journal: "j",
            standing: JournalPosition(commit: commit, checksum: UInt64(commit.rawValue), epoch: epoch)
        )
    }

    private func progress(_ logged: CommitNumber, epoch: Epoch, fence: Bool?, sealed: Int64? = nil) -> LogPosition {
        LogPosition(
            standing: JournalPosition(commit: logged, checksum: UInt64(logged.rawValue), epoch: epoch),
            lastLogged: logged,
            fences: fence.map { [77: $0] } ?? [:],
            sealed: sealed
        )
    }

    @Test func itReadsAfterWhatIsHere() {
        let catchUp = LogCatchUp(pointer, from: holding(40))
        #expect(catchUp.start == 14 && catchUp.epoch == 5)
        #expect(catchUp.judge(progress(41, epoch: 4, fence: nil), fence: 77) == .readOn)
        #expect(catchUp.judge(progress(42, epoch: 5, fence: true), fence: 77) == .caughtUp(epoch: 5))
    }

    @Test func whatIsOlderThanTheSnapshotCountsForNothing() {
        for holding in [nil, holding(29)] {
            let catchUp = LogCatchUp(pointer, from: holding)
            #expect(catchUp.isRebuilding && catchUp.start == nil && catchUp.epoch == 1)
        }
    }

    @Test func aFenceThatDoesNotCountIsFollowedByAHigherOne() {
        let catchUp = LogCatchUp(pointer, from: nil)
        #expect(catchUp.judge(progress(42, epoch: 8, fence: false), fence: 77) == .fence(epoch: 9))
    }

    /// "An epoch above the highest there is" trapped: in every node that took the partition, for as long as the record lay.
    @Test func thereIsAnEpochAfterAnyOther() {
        #expect(LogCatchUp(pointer, from: holding(40, epoch: .max)).epoch == .max)
        let catchUp = LogCatchUp(pointer, from: nil)
        #expect(catchUp.judge(progress(42, epoch: .max, fence: false), fence: 77) == .fence(epoch: .max))
    }

    /// Someone began this log again after the broker had been wiped, and a power cut took his fence: his successor did
    /// not see that, and sent nothing again.
    @Test(arguments: [40, nil] as [CommitNumber?]) func theEpochIsAboveThatOfWhoBeganTheLog(_ here: CommitNumber?) {
        var pointer = pointer
        let first = Epoch(rawValue: 4).advanced(by: JournalPosition.epochsOfALostLog)
        pointer.epoch = first
        let catchUp = LogCatchUp(pointer, from: here.map { holding($0) })
        if here != nil { #expect(catchUp.epoch == first.next) }
        #expect(catchUp.judge(progress(40, epoch: 4, fence: false), fence: 77) == .fence(epoch: first.next))
        #expect(
            catchUp.judge(progress(40, epoch: first.next, fence: false), fence: 77) == .fence(epoch: first.next.next)
        )
        // No owner can have had that one: a fence of it would never count.
        pointer.epoch = Epoch(rawValue: 1 << 52)
        let strange = LogCatchUp(pointer, from: here.map { holding($0) })
        if here != nil { #expect(strange.epoch == 5) }
        #expect(strange.judge(progress(40, epoch: 4, fence: false), fence: 77) == .fence(epoch: 5))
    }

    @Test func aLogThatEndsBeforeWhatIsHereIsBehind() {
        let catchUp = LogCatchUp(pointer, from: holding(40))
        #expect(catchUp.judge(progress(38, epoch: 5, fence: true), fence: 77) == .behind(logged: 38))
    }

    @Test func aSealedSegmentWithoutOurFenceIsOver() {
        let catchUp = LogCatchUp(pointer, from: holding(40))
        #expect(catchUp.judge(progress(41, epoch: 4, fence: nil, sealed: 3), fence: 77) == .sealed(next: 3))
    }

    /// The log lost its end. Its owner fenced it, died, fenced it again, took the first fence for another owner's, and
    /// threw away what it alone had.
    @Test func onlyACommitSaysThatSomebodyWentOn() {
        let standing = holding(40).standing
        func commit(_ epoch: Epoch) -> LogRecord {
            .commit(
                LoggedCommit(
                    standing: JournalPosition(commit: 38, checksum: 1, epoch: epoch),
                    previous: 0,
                    format: 1,
                    changes: JournalChanges(rows: 0, bytes: [])
                )
            )
        }
        let fences: [LogRecord] = [.fence(epoch: 5, nonce: 1, node: "a"), .fence(epoch: 6, nonce: 2, node: "a")]
        #expect(!LogCatchUp.wentOn(without: standing, in: [commit(4)] + fences))
        #expect(LogCatchUp.wentOn(without: standing, in: fences + [commit(5)]))
        #expect(!LogCatchUp.wentOn(without: standing, in: [commit(1_000_000_000), commit(.max)]), "nobody's")
    }
}
