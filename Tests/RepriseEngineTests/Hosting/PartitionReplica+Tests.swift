import Logging
import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators

extension PartitionReplica {
    /// One that nothing is heard of, and whose clocks stand still.
    static func ofTests(_ journal: MemoryJournal, _ leaks: LeakCounter, log: LogSettings?) -> PartitionReplica {
        var settings = PartitionSettings()
        settings.log = log
        return PartitionReplica(
            store: MemoryStore(journal),
            orchestrators: TestOrchestrators.registry(leaks),
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
}
