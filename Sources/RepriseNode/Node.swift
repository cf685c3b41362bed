import Foundation
public import Logging
public import Reprise
import RepriseBroker
import RepriseEngine
import RepriseHosting
import RepriseJournal
public import ServiceLifecycle
import UnixSignals

/// A node of a hub, as one library call in your own program:
///
/// ```swift
/// await Node(
///     orchestrators: [HelloSequence()],
///     activities: [SayHello()],
///     configuration: .fromEnvironment()
/// ).runUntilSignalled()
/// ```
///
/// It creates the hub when there is none, takes the partitions whose journals lie in its data directory, runs
/// orchestrators and activities, and stops cleanly on SIGTERM and SIGINT. Killed at any point it loses nothing that was
/// accepted: started again, it goes on from its journals. When the broker is away it waits for it, and says why.
///
/// What is wrong with the settings ends the process within a second, with one sentence on stderr and an exit code:
///
/// | exit code | what it means |
/// | --- | --- |
/// | 0 | it was told to stop |
/// | 64 | a setting cannot be used |
/// | 78 | the settings do not go together with the hub on this broker |
/// | 1 | anything else that it cannot go on with, such as a data directory that another node has |
public struct Node: Service {
    private let configuration: NodeConfiguration
    private let orchestrators: [String: RegisteredOrchestrator]
    private let activities: [String: RegisteredActivity]
    private let entities: [String: RegisteredEntity]
    /// Why what it was given cannot be run.
    private let problem: InvalidName?
    private let limits: Limits
    private let logger: Logger

    /// - Parameters:
    ///   - orchestrators: what start messages may name.
    ///   - activities: what this node does when it is its turn to work.
    ///   - entities: which entities there are.
    ///
    /// Two of one name, or a name that breaks its rules, end ``run()`` with an ``InvalidName`` before it has begun anything.
    public init(
        orchestrators: [any Orchestrator],
        activities: [any Activity],
        entities: [any Entity] = [],
        configuration: NodeConfiguration,
        logger: Logger = Logger(label: "reprise.node")
    ) {
        self.configuration = configuration
        self.logger = logger
        var limits = Limits()
        limits.customStatusBytes = configuration.customStatusLimit
        self.limits = limits
        let given = Result { () throws(InvalidName) in
            // A program may put its own in the place of what is built in.
            (
                try RegisteredOrchestrator.byName(
                    orchestrators.map { RegisteredOrchestrator($0) },
                    over: [RegisteredOrchestrator(Scheduler())]
                ),
                try RegisteredActivity.byName(
                    activities.map { RegisteredActivity($0, limits: limits) },
                    over: [RegisteredActivity(HTTPActivity(), limits: limits)]
                ),
                try RegisteredEntity.byName(entities.map { RegisteredEntity($0, limits: limits) })
            )
        }
        switch given {
        case .success(let named):
            (self.orchestrators, self.activities, self.entities, problem) = (named.0, named.1, named.2, nil)
        case .failure(let error):
            (self.orchestrators, self.activities, self.entities, problem) = ([:], [:], [:], error)
        }
    }

    /// Runs until SIGTERM or SIGINT, or until its task is canceled.
    ///
    /// Throws nothing, since an error that leaves `main` is a trap: a node that cannot go on says why on stderr and ends
    /// the process with an exit code.
    public func runUntilSignalled() async {
        let group = ServiceGroup(
            services: [self],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        do {
            try await group.run()
        } catch is CancellationError {
            // As it was told to.
        } catch {
            ProcessFailure(error, of: "the node").endProcess()
        }
    }

    /// Runs as a service of your own ServiceGroup. Takes Swift's backtracer away from the process unless
    /// `SWIFT_BACKTRACE` is set, so that the node's partitions pass on at once when it traps.
    ///
    /// - Throws: ``SettingsError`` when a setting cannot be used; other errors when a journal cannot be opened, or the
    ///   hub exists with other settings. Each describes itself in a sentence.
    public func run() async throws {
        QuickDeath.prepare()
        try configuration.check()
        if let remark = configuration.remark { logger.warning("\(remark)") }
        let hub = try HubName(configuration.hub)
        if let problem { throw problem }
        let endpoint = try BrokerEndpoint(
            url: configuration.amqpURL,
            name: configuration.name,
            heartbeat: configuration.heartbeat
        )
        let topology = HubTopology(
            hub: hub,
            partitionCount: configuration.partitions,
            inboxType: configuration.inboxes == .quorum ? .quorum : .classic
        )
        let worker = ActivityWorker(
            activities: configuration.roles.contains(.activities) ? activities : [:],
            concurrency: configuration.activityConcurrency,
            logger: logger
        )
        let queues = ActivityQueues(endpoint: endpoint, hub: hub, runner: worker, logger: logger)
        let directory = try takeDirectory()
        // Let go of last: until then the journals are open.
        defer { directory?.release() }
        let (hosts, watchdog) = try openPartitions(of: hub)
        watchdog.start()
        defer { watchdog.stop() }
        do {
            // Before anything is sent: a queue that is half a second old survives whatever happens to the broker.
            let isPrepared: Void? = try await untilThere("The hub cannot be prepared yet", logger: logger) {
                try await topology.ensure(at: endpoint, logger: logger)
                try await queues.declare()
            }
            if isPrepared != nil {
                try await serve(hub: hub, endpoint: endpoint, topology: topology, hosts: hosts, queues: queues)
            }
        } catch {
            for host in hosts { await host.stop() }
            throw error
        }
        for host in hosts { await host.stop() }
        logger.notice("node stopped")
    }

    private func serve(
        hub: HubName,
        endpoint: BrokerEndpoint,
        topology: HubTopology,
        hosts: [PartitionHost],
        queues: ActivityQueues
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            if configuration.roles.contains(.orchestrations) {
                group.addTask { try await share(hosts, hub: hub, endpoint: endpoint, topology: topology) }
                let intake = IntakeForwarder(endpoint: endpoint, topology: topology, logger: logger)
                group.addTask { try await intake.run() }
            }
            if configuration.roles.contains(.activities) {
                group.addTask { try await queues.run() }
            }
            logger.notice("node ready: \(tasks(of: hub))", metadata: ["broker": "\(endpoint.place)"])
            // Each service returns after a graceful shutdown; one that fails ends the others.
            while try await group.next() != nil {}
        }
    }

    /// What the node does from here on. Partitions come later, and one by one: each is said when it is taken.
    private func tasks(of hub: HubName) -> String {
        var tasks: [String] = []
        if configuration.roles.contains(.orchestrations) {
            tasks.append(
                "forwards commands, runs \(orchestrators.count) orchestrators, and takes its share of "
                    + "\(configuration.partitions) partitions now (each is said as 'partition … taken')"
            )
        }
        if configuration.roles.contains(.activities) { tasks.append("works on \(activities.count) activities") }
        return "hub '\(hub)': " + tasks.joined(separator: "; ") + "; reprise \(Release.version)"
    }

    /// Owns its share of the hub's partitions. Told to stop, it hands over what it has first.
    private func share(
        _ hosts: [PartitionHost],
        hub: HubName,
        endpoint: BrokerEndpoint,
        topology: HubTopology
    ) async throws {
        let policy = ClusterPolicy(
            endpoint: endpoint,
            hub: hub,
            id: UUID().uuidString.lowercased(),
            name: configuration.name,
            partitionCount: configuration.partitions,
            heartbeat: endpoint.heartbeat,
            hasLog: configuration.log,
            memory: KnownPartitions(
                directory: configuration.dataDirectory,
                hub: hub,
                partitionCount: configuration.partitions
            ),
            orchestrators: orchestrators.values.sorted { $0.name < $1.name }.map {
                OrchestratorAnnouncement(
                    name: $0.name,
                    statusSchema: $0.statusSchema,
                    events: $0.events.map { EventAnnouncement(name: $0.name, schema: $0.schema) }
                )
            },
            logger: logger
        )
        let partitions = PartitionBroker(
            endpoint: endpoint,
            topology: topology,
            policy: policy,
            keepsLog: configuration.log,
            standsBy: configuration.standby,
            node: configuration.name,
            logger: logger
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await policy.run() }
            group.addTask { try await partitions.run(partitions: hosts.map { ($0.partition, $0) }) }
            group.addTask {
                try? await gracefulShutdown()
                await policy.leave()
            }
            try await group.next()
        }
    }

    /// Nil where nothing lies on a disk.
    private func takeDirectory() throws -> DirectoryLock? {
        guard configuration.roles.contains(.orchestrations) else { return nil }
        return try DirectoryLock(configuration.dataDirectory, of: .node)
    }

    private func openPartitions(of hub: HubName) throws -> ([PartitionHost], TurnWatchdog) {
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
                        "The journal's disk failed; the process ends, since another commit could lie: \(reason)"
                    )
                    // Not exit(): it would tidy up beside threads that are still at work.
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
                A turn of an orchestrator has not ended within the turn time-out of \(timeout); the process ends, \
                since nothing else stops code that loops or blocks. Started again, the node takes up where it was.
                """,
                metadata: ["hub": "\(hub)", "partition": "\(partition)", "instance": "\(instance)"]
            )
            // Not exit(): what it would tidy up may be in the hands of the thread that is stuck.
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
