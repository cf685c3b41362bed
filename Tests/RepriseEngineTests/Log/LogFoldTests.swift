import RepriseEngine
import RepriseKernel
import Testing

@Suite struct LogFoldTests {
    private var fold = LogFold(JournalPosition(commit: 10, checksum: 110, epoch: 3))

    /// Commit `number` of an owner, with the checksum 100 + number.
    private func commit(_ number: CommitNumber, epoch: Epoch, checksum: UInt64? = nil, previous: UInt64? = nil)
        -> LogRecord
    {
        .commit(
            LoggedCommit(
                standing: JournalPosition(
                    commit: number,
                    checksum: checksum ?? UInt64(100 + number.rawValue),
                    epoch: epoch
                ),
                previous: previous ?? UInt64(99 + number.rawValue),
                format: 1,
                changes: JournalChanges(rows: 1, bytes: [UInt8(truncatingIfNeeded: number.rawValue)])
            )
        )
    }

    private func applied(_ verdict: LogFold.Verdict) -> CommitNumber? {
        if case .apply(let commit) = verdict { commit.standing.commit } else { nil }
    }

    @Test mutating func theNextCommitOfTheSameOwnerCounts() {
        #expect(applied(fold.judge(commit(11, epoch: 3))) == 11)
        #expect(applied(fold.judge(commit(12, epoch: 3))) == 12)
        #expect(fold.standing == JournalPosition(commit: 12, checksum: 112, epoch: 3))
    }

    @Test mutating func whatWasAppliedBeforeIsKnown() {
        #expect(fold.judge(commit(9, epoch: 3)) == .known)
        #expect(fold.judge(commit(10, epoch: 3)) == .known)
        #expect(fold.judge(commit(10, epoch: 2, checksum: 7)) == .known, "an older owner's, which never counted")
        #expect(fold.standing.commit == 10)
    }

    /// A power cut took commit 10 from the log, whose owner had not heard of its confirm, and this node had applied it.
    /// The next owner made another commit 10: a standby that took that for known would have gone on with a commit that
    /// is no one's.
    @Test mutating func aLaterOwnersCommitInATakenPlaceIsDivergence() {
        #expect(fold.judge(.fence(epoch: 4, nonce: 77, node: "b")) == .fenced(nonce: 77, isAccepted: true))
        guard case .diverged = fold.judge(commit(10, epoch: 4, checksum: 7)) else {
            Issue.record("it was taken for known")
            return
        }
    }

    @Test mutating func aFenceMakesTheFormerOwnerLate() {
        #expect(fold.judge(.fence(epoch: 4, nonce: 77, node: "b")) == .fenced(nonce: 77, isAccepted: true))
        #expect(fold.judge(commit(11, epoch: 3)) == .late)
        #expect(applied(fold.judge(commit(11, epoch: 4))) == 11)
        #expect(fold.judge(commit(12, epoch: 3)) == .late)
        #expect(fold.lateRecords == 2)
    }

    @Test mutating func aFenceThatIsNotAboveAllBeforeItDoesNotCount() {
        #expect(fold.judge(.fence(epoch: 3, nonce: 1, node: "b")) == .fenced(nonce: 1, isAccepted: false))
        #expect(fold.judge(.fence(epoch: 9, nonce: 2, node: "c")) == .fenced(nonce: 2, isAccepted: true))
        #expect(fold.judge(.fence(epoch: 5, nonce: 3, node: "b")) == .fenced(nonce: 3, isAccepted: false))
        #expect(fold.standing.epoch == 9)
    }

    /// Someone who could append to a log wrote a fence of epoch 1,000,000,000: the owner's commits after it counted for
    /// nothing, and five accepted starts were gone. One of epoch 2^63-1 trapped every node that then took the
    /// partition.
    @Test mutating func aFenceFarAboveAllBeforeItIsNobodys() {
        for epoch in ([1_000_000_000, .max, .max - 1, 1 << 53, -1, .min] as [Int64]).map(Epoch.init(rawValue:)) {
            guard case .stranger = fold.judge(.fence(epoch: epoch, nonce: 1, node: "x")) else {
                Issue.record("a fence of epoch \(epoch) was taken for an owner's")
                continue
            }
        }
        #expect(fold.strangeRecords == 6)
        #expect(fold.standing.epoch == 3)
        #expect(applied(fold.judge(commit(11, epoch: 3))) == 11, "the owner goes on")
        let lost = Epoch(rawValue: 3).advanced(by: JournalPosition.epochsOfALostLog)
        #expect(fold.judge(.fence(epoch: lost, nonce: 2, node: "b")) == .fenced(nonce: 2, isAccepted: true))
    }

    @Test mutating func aCommitWithNumbersThatNobodyHasIsNobodys() {
        for record in [
            commit(11, epoch: .max), commit(9, epoch: 1_000_000_000), commit(11, epoch: -5),
            .commit(
                LoggedCommit(
                    standing: JournalPosition(commit: .max, checksum: 1, epoch: 3),
                    previous: 1,
                    format: 1,
                    changes: JournalChanges(rows: 1, bytes: [])
                )
            ),
        ] {
            guard case .stranger = fold.judge(record) else {
                Issue.record("\(record) was taken for an owner's")
                continue
            }
        }
        #expect(applied(fold.judge(commit(11, epoch: 3))) == 11)
        guard case .diverged = fold.judge(commit(13, epoch: 3)) else {
            Issue.record("a hole in an owner's own commits is still one")
            return
        }
    }

    /// Nor one who leaves no room for those after him.
    @Test func nobodyStandsWhereNobodyCanGoOn() {
        let last = OutsideNumber.start.upperBound
        #expect(
            JournalPosition(commit: CommitNumber(rawValue: last), checksum: 1, epoch: Epoch(rawValue: last)).isPlausible
        )
        for beyond in [last + 1, OutsideNumber.range.upperBound, .max, -1] {
            #expect(!JournalPosition(commit: CommitNumber(rawValue: beyond), checksum: 1, epoch: 3).isPlausible)
            #expect(!JournalPosition(commit: 3, checksum: 1, epoch: Epoch(rawValue: beyond)).isPlausible)
            #expect(
                !JournalPosition(commit: 3, checksum: 1, epoch: Epoch(rawValue: last)).precedes(Epoch(rawValue: beyond))
            )
        }
    }

    @Test mutating func whatDoesNotContinueIsDivergence() {
        for record in [
            commit(12, epoch: 3),
            commit(11, epoch: 3, previous: 5),
            commit(11, epoch: 4),
            commit(10, epoch: 3, checksum: 5),
        ] {
            var fold = fold
            guard case .diverged(let reason) = fold.judge(record) else {
                Issue.record("\(record) was taken")
                continue
            }
            #expect(reason.contains("commit 1"))
            #expect(fold.standing == self.fold.standing)
        }
    }

    @Test mutating func theRestIsSaid() {
        #expect(fold.judge(.sealed(next: 2)) == .sealed(next: 2))
        #expect(fold.judge(.snapshot(index: 0, bytes: [])) == .head)
    }

    @Test func anOffsetIsNeverBehindTheRecord() {
        let pointer = LogAddress(segment: 2, commit: 100, records: 3)
        #expect(pointer.offset(after: 99) == nil, "older than the snapshot")
        #expect(pointer.offset(after: 100) == 3)
        // The record of commit 105 is at offset 7 or later; a reader that has it begins there, to see fences after it.
        #expect(pointer.offset(after: 105) == 7)
    }
}
