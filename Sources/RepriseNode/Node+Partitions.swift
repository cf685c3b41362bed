import Foundation
import Logging
import Reprise
import RepriseEngine
import RepriseHosting
import RepriseJournal

// The partitions of a node's data directory, whether it owns them or stands by.
extension Node {
    /// Opens the journals of all partitions, and watches the turns that run over them.
    func openPartitions(of hub: HubName) throws -> ([PartitionHost], TurnWatchdog) {
        guard configuration.roles.contains(.orchestrations) else { return ([], watchdog(over: [], of: hub)) }
        var settings = PartitionSettings()
        settings.limits = limits
        settings.node = configuration.name
        settings.versions = configuration.versions
        settings.replayInputs = configuration.replayInputs
        settings.retention = configuration.retention
        settings.turnTimeout = configuration.turnTimeout
        settings.log = configuration.log ? LogSettings() : nil
        let markers = try (0..<configuration.partitions).map { number in
            try CrashMarker(directory: configuration.dataDirectory, partition: PartitionNumber(number))
        }
        let hosts = markers.enumerated().map { number, marker in
            let partition = PartitionNumber(number)
            return PartitionHost(
                store: SQLiteJournalStore(
                    directory: configuration.dataDirectory,
                    hub: hub,
                    partition: partition,
                    partitionCount: configuration.partitions,
                    makeID: { UUID().uuidString.lowercased() }
                ),
                orchestrators: orchestrators,
                entities: entities,
                settings: settings,
                environment: .real,
                marker: marker,
                logger: logger,
                onFatal: { [logger] reason in
                    logger.critical(
                        "The journal's disk failed; the process ends, since another commit could be wrong: \(reason)"
                    )
                    // Not exit(): it would run its cleanup beside threads that are still working.
                    _exit(74)
                }
            )
        }
        let watched = markers.enumerated().map { (number: PartitionNumber($0), turns: $1 as any WatchedTurns) }
        return (hosts, watchdog(over: watched, of: hub))
    }

    private func watchdog(
        over partitions: [(number: PartitionNumber, turns: any WatchedTurns)],
        of hub: HubName
    ) -> TurnWatchdog {
        let timeout = configuration.turnTimeout
        return TurnWatchdog(timeout: timeout, partitions: partitions) { [logger] partition, instance in
            logger.critical(
                """
                A turn of an orchestrator has not ended within the turn timeout of \(timeout); the process ends, \
                since nothing else stops code that loops or blocks. Started again, the node takes up where it was.
                """,
                metadata: ["hub": "\(hub)", "partition": "\(partition)", "instance": "\(instance)"]
            )
            // Not exit(): what it would clean up may be in use by the stuck thread.
            _exit(Self.turnTimeoutExitCode)
        }
    }

    /// EX_SOFTWARE: the program's own code is at fault.
    private static let turnTimeoutExitCode: Int32 = 70
}

extension PartitionEnvironment {
    static var real: PartitionEnvironment {
        PartitionEnvironment(
            wallClock: {
                var time = timespec()
                clock_gettime(CLOCK_REALTIME, &time)
                return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
            },
            steadyClock: {
                var time = timespec()
                clock_gettime(CLOCK_BOOTTIME, &time)
                return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
            },
            makeSecret: {
                var source = SystemRandomNumberGenerator()
                return TaskSecret(high: source.next(), low: source.next())
            }
        )
    }
}
