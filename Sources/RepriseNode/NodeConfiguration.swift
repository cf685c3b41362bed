import Configuration
import Foundation
public import RepriseHosting
public import RepriseKernel

/// How a node finds its hub, and what it does there.
public struct NodeConfiguration: Sendable {
    /// What a node may do; one process can do both.
    public enum Role: String, Sendable, CaseIterable {
        /// Owns partitions and runs orchestrators. Needs a disk.
        case orchestrations
        /// Takes activities from their queues and runs them. Needs no disk.
        case activities
    }

    /// What a hub's inboxes are made of.
    public enum Inboxes: String, Sendable, CaseIterable {
        /// The fastest. In a cluster of brokers, such a queue lives and dies with its member.
        case classic
        /// Replicated by a cluster of brokers; a message takes about four times as long.
        case quorum
    }

    /// What a hub is made for.
    public enum Brokers: String, Sendable, CaseIterable {
        /// One broker. The inboxes may be of either type.
        case one
        /// A cluster of three brokers or more: the hub's inboxes, its intake, its dead letters and what gateways have not
        /// read yet are replicated by three of them, and led by all.
        case cluster
    }

    /// The broker, `amqp://user:password@host:port/vhost` or `amqps://…`. The brokers of a cluster have commas between.
    public var amqpURL: String
    /// The task hub: 1 to 40 of `a-z`, `0-9` and `-`.
    public var hub: String
    /// The directory that holds the journals. Give it a disk of its own if you can; it holds the orchestrations'
    /// memory.
    public var dataDirectory: String
    /// How many partitions the hub has; fixed when it is created.
    public var partitions: Int
    /// What the hub is made for; fixed when it is created.
    public var brokers: Brokers
    /// What the hub's inboxes are made of; fixed when it is created. Always quorum queues in a hub for a cluster.
    public var inboxes: Inboxes
    /// What the node does: runs orchestrations, activities, or both.
    public var roles: Set<Role>
    /// How many tasks of one activity run concurrently.
    public var activityConcurrency: Int
    /// The node's name in logs and in `reprise doctor`.
    public var name: String
    /// The largest custom status, in bytes of its JSON written as UTF-16.
    public var customStatusLimit: Int
    /// Whether every commit goes to a log on the broker before it goes to the disk, so that another node can take a
    /// partition over, and a lost disk can be rebuilt. A setting of the hub: once a partition has a log, nodes without
    /// this setting refuse it.
    public var log: Bool
    /// Whether this node follows the logs of partitions that it does not own, to take over within a second. Without it,
    /// it reads the log only when it takes over.
    public var standby: Bool
    /// The interval of heartbeats to the broker and to other nodes; after two to three missing ones, a node's
    /// partitions pass to others. Nil: what the broker's URL says, or 5 s.
    public var heartbeat: Duration?
    /// How long one turn of an orchestrator (its code between two awaits of the context) may last. Code that takes
    /// longer counts as stuck: the process ends with exit code 70, and should be restarted.
    public var turnTimeout: Duration
    /// The version of this node's code, and which instances it runs, by their version. Without one, it runs instances
    /// that have none either.
    public var versions: VersionPolicy
    /// What happens to an instance whose code, when replayed, passes on something other than before: a different input,
    /// receiver or time.
    public var replayInputs: ReplayInputs
    /// How long instances are kept after they ended, by how they ended; those without an entry are kept forever.
    public var retention: [RuntimeStatus: Duration]
    /// What ``fromEnvironment()`` could not use. A node with such a configuration reports it instead of starting.
    public private(set) var problem: SettingsError?
    /// A remark about the environment, logged when the node starts.
    private(set) var remark: String?

    /// Creates a configuration; what is not given keeps its default. What cannot be used is reported when the node
    /// starts.
    public init(
        amqpURL: String = "amqp://guest:guest@127.0.0.1:5672/",
        hub: String = "default",
        dataDirectory: String = "reprise-data",
        partitions: Int = 4,
        brokers: Brokers = .one,
        inboxes: Inboxes = .classic,
        roles: Set<Role> = Set(Role.allCases),
        activityConcurrency: Int = 32,
        name: String? = nil,
        customStatusLimit: Int = 16_384,
        log: Bool = true,
        standby: Bool = true,
        heartbeat: Duration? = nil,
        turnTimeout: Duration = .seconds(10),
        versions: VersionPolicy = VersionPolicy(),
        replayInputs: ReplayInputs = .warn,
        retention: [RuntimeStatus: Duration] = [:]
    ) {
        self.amqpURL = amqpURL
        self.hub = hub
        self.dataDirectory = dataDirectory
        self.partitions = partitions
        self.brokers = brokers
        self.inboxes = inboxes
        self.roles = roles
        self.activityConcurrency = activityConcurrency
        self.name = name ?? "\(ProcessInfo.processInfo.hostName)-\(ProcessInfo.processInfo.processIdentifier)"
        self.customStatusLimit = customStatusLimit
        self.log = log
        self.standby = standby
        self.heartbeat = heartbeat
        self.turnTimeout = turnTimeout
        self.versions = versions
        self.replayInputs = replayInputs
        self.retention = retention
    }

    /// The configuration that the environment and the configuration file give: `REPRISE_AMQP_URL`, `REPRISE_HUB`,
    /// `REPRISE_DATA`, `REPRISE_PARTITIONS`, `REPRISE_BROKERS` (`one`, `cluster`), `REPRISE_INBOXES` (`classic`,
    /// `quorum`), `REPRISE_ROLES` (comma-separated), `REPRISE_ACTIVITY_CONCURRENCY`, `REPRISE_NODE`, `REPRISE_CUSTOM_STATUS_LIMIT`, `REPRISE_LOG` and
    /// `REPRISE_STANDBY` (`on` or `off`), `REPRISE_HEARTBEAT` and `REPRISE_TURN_TIMEOUT` (seconds), `REPRISE_VERSION`,
    /// `REPRISE_VERSION_MATCH` (`currentOrOlder`, `strict`, `any`) and `REPRISE_VERSION_MISMATCH` (`wait`, `fail`),
    /// `REPRISE_REPLAY_INPUTS` (`warn`, `fail`, `ignore`), `REPRISE_RETENTION` (`30d`, or `completed=7d,failed=90d`);
    /// file named by `REPRISE_CONFIG`. A misspelled one is a ``problem``, too.
    ///
    /// A setting that cannot be used becomes the configuration's ``problem``, which the node ends with: thrown out of
    /// `main`, it would be a trap.
    public static func fromEnvironment() async -> NodeConfiguration {
        do {
            return try await read()
        } catch {
            var configuration = NodeConfiguration()
            configuration.problem = error
            return configuration
        }
    }

    private static func read() async throws(SettingsError) -> NodeConfiguration {
        var remark: String?
        let config = try await HubSettings.reader { remark = $0 }
        let settings = try HubSettings(config)
        var configuration = NodeConfiguration(
            amqpURL: settings.amqpURL,
            hub: settings.hub.value,
            dataDirectory: settings.dataDirectory,
            partitions: settings.partitions,
            name: config.string(forKey: "reprise.node")
        )
        configuration.remark = remark
        configuration.brokers = try HubSettings.choice("reprise.brokers", default: configuration.brokers, config)
        configuration.inboxes = try HubSettings.choice("reprise.inboxes", default: configuration.inboxes, config)
        configuration.activityConcurrency = try HubSettings.integer(
            "reprise.activity.concurrency",
            in: 1...10_000,
            default: configuration.activityConcurrency,
            config
        )
        configuration.customStatusLimit = try HubSettings.integer(
            "reprise.custom.status.limit",
            in: 16...1_048_576,
            default: configuration.customStatusLimit,
            config
        )
        configuration.log = try HubSettings.flag("reprise.log", default: configuration.log, config)
        configuration.standby = try HubSettings.flag("reprise.standby", default: configuration.standby, config)
        if config.string(forKey: "reprise.heartbeat") != nil {
            let seconds = try HubSettings.integer("reprise.heartbeat", in: 1...60, default: 5, config)
            configuration.heartbeat = .seconds(seconds)
        }
        configuration.turnTimeout = .seconds(
            try HubSettings.integer("reprise.turn.timeout", in: 1...86_400, default: 10, config)
        )
        configuration.versions = VersionPolicy(
            version: config.string(forKey: "reprise.version"),
            match: try HubSettings.choice("reprise.version.match", default: configuration.versions.match, config),
            mismatch: try HubSettings.choice(
                "reprise.version.mismatch",
                default: configuration.versions.mismatch,
                config
            )
        )
        configuration.replayInputs = try HubSettings.choice(
            "reprise.replay.inputs",
            default: configuration.replayInputs,
            config
        )
        if let text = config.string(forKey: "reprise.retention") {
            configuration.retention = try RetentionText.parse(text)
        }
        if let roles = config.string(forKey: "reprise.roles") {
            configuration.roles = []
            for word in roles.split(separator: ",") {
                guard let role = Role(rawValue: word.trimmingCharacters(in: .whitespaces)) else {
                    throw SettingsError("REPRISE_ROLES must list 'orchestrations' or 'activities', not '\(word)'")
                }
                configuration.roles.insert(role)
            }
        }
        return configuration
    }

    /// - Throws: for a setting of the environment or of the program that cannot be used.
    func check() throws(SettingsError) {
        if let problem { throw problem }
        func require(_ condition: Bool, _ message: String) throws(SettingsError) {
            if !condition { throw SettingsError(message) }
        }
        try require((1...1024).contains(partitions), "a hub must have 1 to 1024 partitions, not \(partitions)")
        try require(!roles.isEmpty, "a node must have a role: orchestrations, activities, or both")
        try require(activityConcurrency > 0, "activityConcurrency must be at least 1, not \(activityConcurrency)")
        try require(customStatusLimit > 0, "customStatusLimit must be at least 1, not \(customStatusLimit)")
        try require(turnTimeout > .zero, "a turn timeout must be longer than \(turnTimeout)")
        if let heartbeat {
            try require(
                (.seconds(1) ... .seconds(60)).contains(heartbeat),
                "the heartbeat must be from 1 to 60 seconds, not \(heartbeat)"
            )
        }
    }
}

/// Contains the broker's password, which no log and no dump may show.
extension NodeConfiguration: CustomStringConvertible, CustomReflectable {
    public var description: String { "\(name), of hub '\(hub)'" }
    public var customMirror: Mirror {
        Mirror(self, children: ["name": name, "hub": hub, "dataDirectory": dataDirectory])
    }
}
