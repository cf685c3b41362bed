import Reprise
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Testing

@testable import RepriseEngine

@Suite struct RetryTests {
    /// A status message that the broker had refused was read off history that purging had deleted: observers waited
    /// for that version forever. Found by the simulation, seed 20.
    @Test func aPurgedInstanceIsKeptUntilItsRefusedMessagesAreThrough() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("a", "Immediate"))
        try rig.send(.purge("a"), settlements: [refusal(of: 1)])
        try rig.handle([], settlements: [confirm(2), confirm(3)])
        #expect(rig.journal.state.history.count == 1)
        try rig.advance(by: .seconds(1))
        #expect(rig.statuses.map(\.version) == [1, 2, 3, 1])
        try rig.handle([], settlements: [confirm(1)])
        #expect(rig.journal.state.history.isEmpty && rig.journal.state.retries.isEmpty)
    }

    @Test func whatTheBrokerReturnsIsTriedAgainWithPauses() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("a", "Hello", count: 1))
        let task = try #require(rig.published.first { if case .task = $0.message { true } else { false } })
        try rig.handle([], settlements: [confirm(1), refusal(of: task.number)])
        #expect(rig.journal.state.head.confirmedThrough == 2, "the watermark passes it: it blocks nothing")
        for (attempt, pause) in [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000].enumerated() {
            #expect(rig.partition.nextDue() == rig.clock.now + .milliseconds(pause))
            #expect(rig.journal.state.retries[task.number]?.attempts == attempt + 1)
            let before = rig.published.count
            try rig.advance(by: .milliseconds(pause - 1))
            #expect(rig.published.count == before)
            if attempt == 3 { try rig.restart() }
            try rig.advance(by: .milliseconds(1))
            #expect(rig.published[before...].map(\.number) == [task.number])
            #expect(rig.published.last?.message == task.message)
            try rig.handle([], settlements: [refusal(of: task.number)])
        }
        try rig.advance(by: .seconds(30))
        try rig.handle([], settlements: [confirm(task.number)])
        #expect(rig.journal.state.retries.isEmpty && rig.partition.nextDue() == nil)
    }

    /// A subscriber's full queue refused every status message, and each was repeated to all others every 30 s forever.
    @Test func aStatusThatASubscriberRefusesIsLetGoAfterAFewTries() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("a", "Hello", count: 1))
        let status = try #require(rig.published.first { if case .status = $0.message { true } else { false } })
        let task = try #require(rig.published.first { if case .task = $0.message { true } else { false } })
        for _ in 0..<20 {
            try rig.handle(
                [],
                settlements: [subscribersRefusal(of: status.number), subscribersRefusal(of: task.number)]
            )
            try rig.advance(by: .seconds(30))
        }
        #expect(rig.published.filter { $0.number == status.number }.count == 5)
        #expect(rig.published.filter { $0.number == task.number }.count == 21, "what must arrive is never let go")
        #expect(rig.journal.state.retries.keys.sorted() == [task.number])
        #expect(try rig.restart().allSatisfy { $0.number != status.number })
    }

    /// Those that waited behind a silent queue and were not sent counted as tries: the first refusal after them was the
    /// last.
    @Test func triesThatWereNotSentAreNobodysRefusals() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("a", "Hello", count: 1))
        let status = try #require(rig.published.first { if case .status = $0.message { true } else { false } })
        for _ in 0..<8 {
            try rig.handle([], settlements: [refusal(of: status.number)])
            try rig.advance(by: .seconds(30))
        }
        for _ in 0..<20 {
            try rig.handle([], settlements: [subscribersRefusal(of: status.number)])
            try rig.advance(by: .seconds(30))
        }
        #expect(rig.published.filter { $0.number == status.number }.count == 1 + 8 + 4)
    }

    /// A queue that confirmed nothing filled the partition's bound with status messages, and no command was taken any
    /// more.
    @Test func statusMessagesThatNobodyConfirmsDoNotCongestThePartition() throws {
        let rig = try PartitionFixture()
        rig.settings.maximumUnconfirmed = 40
        try rig.restart()
        for index in 0..<50 { try rig.send(.start("i\(index)", "Immediate")) }
        #expect(rig.statuses.count >= 100)
        #expect(!rig.partition.isCongested)
        for index in 0..<50 { try rig.send(.start("h\(index)", "Hello", count: 1)) }
        #expect(rig.partition.isCongested, "tasks without a confirm do")
        try rig.restart()
        #expect(rig.partition.isCongested, "after a restart, too")
        let tasks = rig.published.filter { if case .task = $0.message { true } else { false } }
        try rig.handle([], settlements: Set(tasks.map(\.number)).map { confirm($0) })
        #expect(!rig.partition.isCongested)
    }

    /// What was not confirmed in time was no one's outcome: it waited in the window forever.
    @Test func aLateStatusIsLetGoAfterAFewTriesAndALateTaskIsKept() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("a", "Hello", count: 1))
        let status = try #require(rig.published.first { if case .status = $0.message { true } else { false } })
        let task = try #require(rig.published.first { if case .task = $0.message { true } else { false } })
        for _ in 0..<20 {
            try rig.handle([], settlements: [late(status.number), late(task.number)])
            try rig.advance(by: .seconds(30))
        }
        #expect(rig.published.filter { $0.number == status.number }.count == 5)
        #expect(rig.published.filter { $0.number == task.number }.count == 21)
        guard case .health(let health)? = try rig.ask(.health) else {
            Issue.record("no health")
            return
        }
        #expect(health.retrying == 1)
        #expect(health.retryReason == "no confirm from the queue 'x'")
    }

    @Test func oneTroubleIsSaidOnceAMinute() {
        var troubles = RecentTroubles()
        let start = Timestamp(milliseconds: 1_000)
        var isNew = [troubles.isNew("a", at: start), troubles.isNew("a", at: start + .seconds(59))]
        #expect(isNew == [true, false])
        isNew = [troubles.isNew("b", at: start + .seconds(59)), troubles.isNew("a", at: start + .seconds(60))]
        #expect(isNew == [true, true])
        for number in 0..<1_000 { _ = troubles.isNew("\(number)", at: start + .seconds(60)) }
        isNew = [troubles.isNew("a", at: start + .seconds(121))]
        #expect(isNew == [true])
    }

    @Test func aReturnedTaskThatIsNoLongerWantedIsGivenUp() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("a", "Hello", count: 1))
        try rig.send(.terminate("a"), settlements: [refusal(of: 2)])
        let before = rig.published.count
        try rig.advance(by: .seconds(1))
        #expect(rig.published.count == before)
        #expect(rig.journal.state.retries.isEmpty)
    }

    @Test func aReturnedDeadLetterIsTriedAgainAfterARestartToo() throws {
        let rig = try PartitionFixture()
        try rig.send(.terminate("nobody"))
        try rig.handle([], settlements: [refusal(of: 1)])
        #expect(try rig.restart().isEmpty, "it waits in the retry table")
        try rig.advance(by: .seconds(1))
        #expect(rig.deadLetters.count == 2)
        try rig.handle([], settlements: [confirm(1)])
        #expect(rig.journal.state.retries.isEmpty && rig.journal.state.inline.isEmpty)
        #expect(try rig.restart().isEmpty)
    }

    @Test func afterACrashOnlyWhatIsUnconfirmedAndStillWantedGoesOutAgain() throws {
        let rig = try PartitionFixture()
        try rig.send(.start("a", "FanOut", count: 3), .start("b", "Hello"), .terminate("nobody"))
        #expect(rig.published.map(\.number) == Array(1...7))
        let first = rig.takeTasks()[0]
        try rig.handle(
            [
                .result(
                    TaskResult(
                        instance: first.instance,
                        token: first.token,
                        outcome: TestOrchestrators.outcome(of: first.task)
                    )
                )
            ],
            settlements: [confirm(1), confirm(4), confirm(6)]
        )
        let again = try rig.restart()
        #expect(again.map(\.number) == [3, 5, 7], "2 has its result, the others were confirmed")
        #expect(again.allSatisfy { $0.epoch == 2 })
        #expect(rig.journal.state.head.confirmedThrough == 2)
    }

    @Test func theFirstUnconfirmedRowMovesUpWithTheWatermark() throws {
        let rig = try PartitionFixture()
        for index in 0..<10 { try rig.send(.start("i\(index)", "Race")) }
        try rig.handle([], settlements: (2...10).map { confirm($0) })
        try rig.partition.flush()
        #expect(rig.journal.state.head.unconfirmedFrom == 1)
        try rig.handle([], settlements: [confirm(1)])
        try rig.partition.flush()
        #expect(rig.journal.state.head.unconfirmedFrom == 11)
        #expect(rig.journal.state.head.confirmedThrough == 10)
        #expect(try rig.restart().isEmpty)
    }

    /// A number that was never given was taken for settled, and the message that got it later was not sent again.
    @Test func theNewsOfANumberNeverGivenIsIgnored() throws {
        let rig = try PartitionFixture()
        try rig.handle([], settlements: [confirm(1), refusal(of: 2)])
        try rig.send(.start("a", "Hello"))
        #expect(try rig.restart().map(\.number) == [1, 2])
    }

    /// An error of the journal while a message was read for another try made it pass for unwanted: it was lost.
    @Test func aMessageThatCannotBeReadNowIsNotGivenUp() throws {
        let journal = try UnreadableJournal()
        let rig = try PartitionFixture(journal: journal)
        try rig.send(.start("a", "Race"))
        try rig.handle([], settlements: [refusal(of: 1)])
        journal.problem = .failed
        #expect(throws: JournalError.self) { try rig.advance(by: .seconds(1)) }
        journal.problem = nil
        try rig.restart()
        journal.problem = .damaged
        try rig.advance(by: .seconds(1))
        #expect(rig.journal.state.retries.count == 1)
        #expect(
            try rig.ask(.status(try InstanceID("a"), history: false))?.word == "Invalid",
            "and the partition goes on"
        )
        journal.problem = nil
        try rig.advance(by: .seconds(30))
        #expect(rig.statuses.filter { $0.kind == .started }.count == 2)
    }

    /// With a subscriber that refuses for months, whose history a message is of was remembered of every message that
    /// was ever tried again.
    @Test func whoseHistoryAMessageIsOfIsKnownOfThoseThatWaitOnly() throws {
        let rig = try PartitionFixture()
        var most = 0
        for round in 1...20 {
            try rig.send(.start("a\(round)", "Immediate"))
            let sent = rig.published.map(\.number)
            try rig.handle([], settlements: sent.map { refusal(of: $0) })
            let owners = try rig.partition.retries.owners(in: rig.journal)
            #expect(!owners.isEmpty)
            most = max(most, rig.partition.retries.knownOwners.count)
            try rig.handle([], settlements: sent.map { confirm($0) })
        }
        #expect(most <= 2, "of 20 instances, one after the other")
    }

    private func refusal(of number: OutboundNumber) -> OutboundSettlement {
        OutboundSettlement(number: number, outcome: .undeliverable(reason: "returned"))
    }

    private func subscribersRefusal(of number: OutboundNumber) -> OutboundSettlement {
        OutboundSettlement(number: number, outcome: .refused(reason: "a queue refused it"))
    }

    private func late(_ number: OutboundNumber) -> OutboundSettlement {
        OutboundSettlement(number: number, outcome: .unconfirmed(reason: "no confirm from the queue 'x'"))
    }

    private func confirm(_ number: OutboundNumber) -> OutboundSettlement {
        OutboundSettlement(number: number, outcome: .confirmed)
    }
}

private final class UnreadableJournal: MemoryJournal {
    var problem: JournalError.Code?

    init() throws { try super.init() }

    override func historyRow(at position: HistoryPosition) throws(JournalError) -> HistoryRow? {
        if let problem { throw JournalError(problem, "the row cannot be read") }
        return try super.historyRow(at: position)
    }
}
