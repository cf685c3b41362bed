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
/// orchestrators and activities, and stops cleanly on SIGTERM and SIGINT. Killed at any point, it loses nothing that
/// was accepted: after a restart, it continues from its journals. When the broker is unavailable, it waits and logs
/// why.
///
/// A problem with the settings ends the process within a second, with one sentence on stderr and an exit code:
///
/// | exit code | what it means |
/// | --- | --- |
/// | 0 | it was told to stop |
/// | 64 | a setting cannot be used |
/// | 78 | the settings do not match the hub on this broker |
/// | 1 | anything else that stops it, such as a data directory that another node uses |
public struct Node: Service {
    let configuration: NodeConfiguration
    let orchestrators: [String: RegisteredOrchestrator]
    private let activities: [String: RegisteredActivity]
    let entities: [String: RegisteredEntity]
    /// Why the registered code cannot run.
    private let problem: InvalidName?
    let limits: Limits
    let logger: Logger

    /// - Parameters:
    ///   - orchestrators: what start messages may name.
    ///   - activities: what this node's workers can run, each alone or as a container of several.
    ///   - entities: the entities that this node serves.
    ///
    /// A name that is used twice, or that breaks its rules, ends ``run()`` with an ``InvalidName`` before it has begun
    /// anything.
    public init(
        orchestrators: [any Orchestrator],
        activities: [any ActivityContainer],
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
            // A program may replace what is built in with its own.
            (
                try RegisteredOrchestrator.byName(
                    orchestrators.map { RegisteredOrchestrator($0) },
                    over: [RegisteredOrchestrator(Scheduler())]
                ),
                try RegisteredActivity.byName(
                    RegisteredActivity.all(of: activities, limits: limits),
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
    /// Throws nothing, since an error that leaves `main` is a trap: a node that cannot continue says why on stderr and
    /// ends the process with an exit code.
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

    /// Runs as a service of your own ServiceGroup. Removes Swift's backtracer from the process unless `SWIFT_BACKTRACE`
    /// is set, so that other nodes take over the partitions at once when it traps.
    ///
    /// - Throws: ``SettingsError`` when a setting cannot be used; other errors when a journal cannot be opened, or the
    ///   hub exists with other settings. Each describes itself in a sentence.
    public func run() async throws {
        QuickDeath.prepare()
        try configuration.check()
        if let remark = configuration.remark { logger.warning("\(remark)") }
        noteUndescribed()
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
            inboxType: configuration.inboxes == .quorum ? .quorum : .classic,
            brokers: configuration.brokers == .cluster ? .cluster : .one
        )
        let worker = ActivityWorker(
            activities: configuration.roles.contains(.activities) ? activities : [:],
            concurrency: configuration.activityConcurrency,
            logger: logger
        )
        let queues = ActivityQueues(endpoint: endpoint, hub: hub, runner: worker, logger: logger)
        let directory = try takeDirectory()
        // Released last: until then the journals are open.
        defer { directory?.release() }
        let (hosts, watchdog) = try openPartitions(of: hub)
        watchdog.start()
        defer { watchdog.stop() }
        do {
            // Before anything is sent: a queue that is at least half a second old survives whatever happens to the
            // broker.
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

    private func noteUndescribed() {
        for orchestrator in orchestrators.values where !orchestrator.undescribed.isEmpty {
            let types = orchestrator.undescribed.joined(separator: ", of ")
            logger.notice(
                """
                no JSON Schema can be made for the orchestrator '\(orchestrator.name)', of \(types): clients see none. What \
                has one, the documentation of JSONSchema says
                """
            )
        }
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

    /// What the node does from here on. Partitions come later, one by one: each is logged when it is taken.
    private func tasks(of hub: HubName) -> String {
        var tasks: [String] = []
        if configuration.roles.contains(.orchestrations) {
            tasks.append(
                "forwards commands, runs \(orchestrators.count) orchestrators, and takes its share of "
                    + "\(configuration.partitions) partitions now (each is logged as 'partition … taken')"
            )
        }
        if configuration.roles.contains(.activities) { tasks.append("works on \(activities.count) activities") }
        return "hub '\(hub)': " + tasks.joined(separator: "; ") + "; reprise \(Release.version)"
    }

    /// Owns its share of the hub's partitions. Told to stop, it first hands over what it owns.
    private func share(
        _ hosts: [PartitionHost],
        hub: HubName,
        endpoint: BrokerEndpoint,
        topology: HubTopology
    ) async throws {
        let policy = ClusterPolicy(
            endpoint: endpoint,
            hub: hub,
            id: NodeID(rawValue: UUID().uuidString.lowercased()),
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
                    inputSchema: $0.inputSchema,
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

    /// Nil when nothing is kept on disk.
    private func takeDirectory() throws -> DirectoryLock? {
        guard configuration.roles.contains(.orchestrations) else { return nil }
        return try DirectoryLock(configuration.dataDirectory, of: .node)
    }
}
