import Logging
import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import Testing

@Suite struct PartitionReplicaTests {
    private let leaks = LeakCounter()

    private func replica(_ journal: MemoryJournal, hasLog: Bool) -> PartitionReplica {
        .ofTests(journal, leaks, log: hasLog ? LogSettings() : nil)
    }

    /// A node made the journal of a new partition and died before the broker knew of it. Another began the partition, with a
    /// journal of its own. The first came back, and followed the log into its own: rows alike, under another id.
    @Test func aJournalThatNeverBeganCountsForNothing() throws {
        let journal = try MemoryJournal()
        #expect(try replica(journal, hasLog: true).holding() == nil)
        // Without a log there is nothing to rebuild it from, and the broker may have its name already.
        #expect(try replica(journal, hasLog: false).holding()?.journal == journal.identity.id)
        try journal.commit(JournalCommit(head: firstHead))
        #expect(try replica(journal, hasLog: true).holding()?.journal == journal.identity.id)
    }

    /// A machine booted with a wrong clock, which was put right soon. Days later the node took a partition over, and took the
    /// right time for a leap: all timers of the next two hours fired at once.
    @Test func aStandbyBelievesAClockThatWasPutRightLongAgo() throws {
        let clock = SimulatedClock()
        clock.step(by: .seconds(7_200))
        var settings = PartitionSettings()
        settings.log = nil
        let replica = PartitionReplica(
            store: MemoryStore(try MemoryJournal()),
            orchestrators: TestOrchestrators.registry(leaks),
            settings: settings,
            environment: PartitionEnvironment(
                wallClock: { clock.now },
                steadyClock: { clock.steady },
                makeSecret: { TaskSecret(high: 7, low: 9) }
            ),
            marker: RememberedMarker(),
            logger: Logger(label: "replica", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        clock.advance(by: .seconds(20))
        clock.step(by: .seconds(-7_200))
        for _ in 0..<3 {
            clock.advance(by: .seconds(60))
            try replica.tidy(idle: true)
        }
        _ = try replica.take(Ownership(link: NotedLink(), log: nil, beginning: .found))
        #expect(replica.partition?.recordedTime() == clock.now)
        replica.close()
    }

    private var firstHead: JournalHead {
        var head = JournalHead()
        head.commit = 1
        return head
    }
}
