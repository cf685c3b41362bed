import Logging
import Reprise
import RepriseEngine
import RepriseKernel
import RepriseLoad
import Testing

@Suite struct PartitionReplicaTests {
    private let house = House()

    private func replica(_ journal: MemoryJournal, hasLog: Bool) -> PartitionReplica {
        var settings = PartitionSettings()
        if hasLog { settings.log = LogSettings() }
        return PartitionReplica(
            store: MemoryStore(journal),
            orchestrators: Load.registry(house),
            settings: settings,
            environment: PartitionEnvironment(
                wallClock: { Timestamp(milliseconds: 1) },
                steadyClock: { .zero },
                makeSecret: { TaskSecret(high: 7, low: 9) }
            ),
            marker: RememberedMarker(),
            logger: Logger(label: "replica", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    /// A node made the journal of a new partition and died before the broker knew of it. Another began the partition, with a
    /// journal of its own. The first came back, and followed the log into its own: rows alike, under another id.
    @Test func aJournalThatNeverBeganCountsForNothing() throws {
        let journal = try MemoryJournal()
        #expect(try replica(journal, hasLog: true).holding() == nil)
        // Without a log there is nothing to rebuild it from, and the broker may have its name already.
        #expect(try replica(journal, hasLog: false).holding()?.journal == journal.identity.id)
        try journal.commit(JournalCommit(progress: firstProgress))
        #expect(try replica(journal, hasLog: true).holding()?.journal == journal.identity.id)
    }

    private var firstProgress: PartitionProgress {
        var progress = PartitionProgress()
        progress.commit = 1
        return progress
    }
}
