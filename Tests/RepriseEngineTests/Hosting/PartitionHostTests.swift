import Logging
import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct PartitionHostTests {
    private let leaks = LeakCounter()
    private let clock = SimulatedClock()
    private let fatal = FatalNews()

    @Test func anOrchestrationRunsOnTheThread() async throws {
        let host = try makeHost()
        let link = NotedLink()
        #expect(try await host.own(link) == 1)
        host.deliver([try delivery(1, .start("a", "Hello", count: 2))])
        for tag: UInt64 in [2, 3] {
            let task = try #require(
                await link.next { event in
                    guard case .published(let messages) = event else { return TaskMessage?.none }
                    return messages.compactMap { if case .task(let task) = $0.message { task } else { nil } }.first
                }
            )
            let result = TaskResult(
                instance: task.instance,
                token: task.token,
                outcome: TestOrchestrators.outcome(of: task.task)
            )
            host.deliver([delivery(tag, .result(result))])
        }
        await link.acknowledged(3)
        host.deliver([delivery(4, .query(.status(try InstanceID("a"), history: false)))])
        _ = await link.next { $0 == .answered(["data"]) ? true : nil }
        await host.stop()
        #expect(leaks.inside == 0)
    }

    @Test func everyOwnershipHasAHigherEpochAndALinkOfItsOwn() async throws {
        let host = try makeHost()
        let first = NotedLink()
        #expect(try await host.own(first) == 1)
        let second = NotedLink()
        #expect(try await host.own(second) == 2, "taken twice, the first link is out")
        host.deliver([try delivery(1, .start("a", "Race"))])
        await second.acknowledged(1)
        await host.lose("the lock is gone")
        await host.lose("once more")
        host.deliver([try delivery(2, .start("b", "Race"))])
        let third = NotedLink()
        #expect(try await host.own(third) == 3)
        host.deliver([try delivery(1, .start("c", "Race"))])
        await third.acknowledged(1)
        #expect(!first.all.contains { if case .acknowledged = $0 { true } else { false } })
        #expect(!third.all.contains(.acknowledged(2)))
        await host.stop()
    }

    /// A delivery of the former ownership was still in the mailbox when the partition was taken again: its tag was sent
    /// on the new channel.
    @Test func whatArrivedForTheFormerOwnerIsDropped() async throws {
        let host = try makeHost()
        for round in 0..<50 {
            host.deliver([try delivery(99, .start("stale-\(round)", "Race"))])
            host.settle([OutboundSettlement(number: 1_000_000, outcome: .confirmed)])
            let link = NotedLink()
            _ = try await host.own(link)
            host.deliver([try delivery(1, .start("a-\(round)", "Race"))])
            await link.acknowledged(1)
            #expect(!link.all.contains(.acknowledged(99)))
        }
        await host.stop()
    }

    /// A node that stopped saw that all was acked, and closed the link before the last answer was sent: the caller who
    /// had asked waited until their own limit.
    @Test func whatIsAckedIsAnswered() async throws {
        let host = try makeHost()
        let link = NotedLink()
        _ = try await host.own(link)
        for round in UInt64(0)..<20 {
            host.deliver([
                try delivery(2 * round + 1, .start("a-\(round)", "Race")),
                delivery(2 * round + 2, .query(.status(try InstanceID("a-\(round)"), history: false))),
            ])
            await link.acknowledged(2 * round + 2)
            let said = link.all
            let answers = said.reduce(0) { if case .answered(let words) = $1 { $0 + words.count } else { $0 } }
            #expect(answers == 2 * (Int(round) + 1))
            guard case .acknowledged = said.last else {
                Issue.record("after the ack came \(said.last.map { "\($0)" } ?? "nothing")")
                continue
            }
        }
        await host.stop()
    }

    /// A caller of a host that had stopped waited forever.
    @Test func nobodyWaitsForAHostThatHasStopped() async throws {
        let host = try makeHost()
        async let one: Void = host.stop()
        async let other: Void = host.stop()
        async let lost: Void = host.lose("too late")
        _ = await (one, other, lost)
        await host.stop()
        await host.lose("much too late")
        await #expect(throws: JournalError.self) { try await host.own(NotedLink()) }
    }

    @Test func aFullDiskGivesThePartitionUpUntilThereIsRoom() async throws {
        let host = try makeHost { $0.fates = [.kept, .full, .full, .kept] }
        let link = NotedLink()
        _ = try await host.own(link)
        host.deliver([try delivery(1, .start("a", "Race", message: "m"))])
        #expect(await link.resigned()?.contains("full") == true)
        #expect(link.all.count == 1, "neither acked, nor published, nor answered")
        await host.lose("resigned")
        await #expect(throws: JournalError.self) { try await host.own(NotedLink()) }
        let next = NotedLink()
        #expect(try await host.own(next) == 2)
        host.deliver([try delivery(1, .start("a", "Race", message: "m"))])
        await next.acknowledged(1)
        #expect(fatal.all.isEmpty)
        await host.stop()
        #expect(leaks.inside == 0)
    }

    @Test func afterAFailedCommitTheThreadDoesNothingMore() async throws {
        let host = try makeHost { $0.fates = [.kept, .lost] }
        let link = NotedLink()
        _ = try await host.own(link)
        host.deliver([try delivery(1, .start("a", "Race"))])
        host.deliver([try delivery(2, .start("b", "Race"))])
        while fatal.all.isEmpty { await Task.yield() }
        await host.stop()
        #expect(link.all.isEmpty && fatal.all.count == 1)
        #expect(leaks.inside == 0)
    }

    /// What a partition had brought into memory before it could not begin stayed there.
    @Test func aPartitionThatCannotBeginLeavesNothingBehind() async throws {
        let rig = try PartitionFixture()
        try rig.send(.start("c", "Collector", count: 2), .suspend("c"), .event("c", "item", "1"))
        try rig.send(.start("d", "Collector", count: 2), .event("d", "other", "1"))
        let host = try makeHost {
            $0.state = rig.journal.state
            $0.fates = [.kept, .full]
        }
        // `d` is woken, since something waits for it; and the commit after that is refused.
        _ = try? await host.own(NotedLink())
        await host.stop()
        #expect(leaks.inside == 0)
    }

    /// The wall clock stepped back an hour. A timer that recorded time had passed waited for that hour all the same.
    @Test func whatIsDueByRecordedTimeDoesNotWaitForTheWallClock() async throws {
        let host = try makeHost()
        let link = NotedLink()
        clock.step(by: .seconds(3600))
        _ = try await host.own(link)
        clock.step(by: .seconds(-3600))
        host.deliver([try delivery(1, .start("a", "Hasty", count: 2_500))])
        let output = await link.next { event in
            guard case .published(let messages) = event else { return String?.none }
            return messages.compactMap { message -> String? in
                guard case .status(let status) = message.message, status.kind == .completed else { return nil }
                return status.payload.text
            }.first
        }
        #expect(output == "2500")
        await host.stop()
    }

    @Test func aCongestedPartitionGoesOnWhenTheBrokerConfirms() async throws {
        var settings = PartitionSettings()
        settings.maximumUnconfirmed = 0
        let host = try makeHost(settings)
        let link = NotedLink()
        _ = try await host.own(link)
        for tag in UInt64(1)...20 { host.deliver([try delivery(tag, .start("a\(tag)", "Race"))]) }
        var confirmed: Int64 = 0
        while confirmed < 20 {
            let numbers = await link.next { event in
                if case .published(let messages) = event { messages.map(\.number) } else { nil }
            }
            host.settle((numbers ?? []).map { OutboundSettlement(number: $0, outcome: .confirmed) })
            confirmed += Int64(numbers?.count ?? 0)
        }
        await host.stop()
    }

    // MARK: A host on the bench

    private func makeHost(
        _ settings: PartitionSettings = PartitionSettings(),
        _ prepare: (FatefulJournal) -> Void = { _ in }
    ) throws -> PartitionHost {
        let journal = try FatefulJournal()
        prepare(journal)
        let clock = clock
        return PartitionHost(
            store: MemoryStore(journal),
            orchestrators: TestOrchestrators.registry(leaks),
            settings: settings,
            environment: PartitionEnvironment(
                wallClock: { clock.now },
                steadyClock: { clock.steady },
                makeSecret: { TaskSecret(high: 1, low: 2) }
            ),
            marker: RememberedMarker(),
            logger: Logger(label: "host", factory: { _ in SwiftLogNoOpLogHandler() }),
            onFatal: { [fatal] in fatal.add($0) }
        )
    }

    private func delivery(_ tag: UInt64, _ command: Command) -> InboundDelivery { delivery(tag, .command(command)) }

    private func delivery(_ tag: UInt64, _ message: InboundDelivery.Message) -> InboundDelivery {
        InboundDelivery(
            tag: tag,
            message: message,
            replyTo: ReplyAddress(queue: "replies", correlation: nil),
            size: 100,
            original: NotedOriginal(text: "\(tag)")
        )
    }
}

/// A journal whose commits have the fates given beforehand, one after another.
final class FatefulJournal: MemoryJournal {
    var fates: [Fate] = []

    init() throws { try super.init() }

    override func commit(_ commit: JournalCommit) throws(JournalError) {
        if !fates.isEmpty { fate = fates.removeFirst() }
        try super.commit(commit)
    }
}

final class FatalNews: Sendable {
    private let reasons = Mutex<[String]>([])
    var all: [String] { reasons.withLock { $0 } }
    func add(_ reason: String) { reasons.withLock { $0.append(reason) } }
}

extension PartitionHost {
    /// Takes the partition in a hub without logs.
    fileprivate func own(_ link: any PartitionLink) async throws -> Epoch {
        try await take(Ownership(link: link, log: nil, beginning: .goOn(epoch: nil, pointer: nil))).epoch
    }
}
