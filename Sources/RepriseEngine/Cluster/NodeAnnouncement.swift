package import RepriseKernel

/// What a node announces to all others of its hub, with every heartbeat and at every change.
package struct NodeAnnouncement: Equatable, Sendable {
    /// Generated when the process started.
    package var id: NodeID
    /// For people.
    package var name: String
    /// How often it announces itself. After three intervals of silence it counts as gone.
    package var heartbeat: Duration
    /// It is stopping, and gives its partitions up.
    package var isLeaving: Bool
    /// What it has of each partition.
    package var partitions: [PartitionAnnouncement]
    /// What can be started in the partitions it owns.
    package var orchestrators: [OrchestratorAnnouncement]

    package init(
        id: NodeID,
        name: String,
        heartbeat: Duration,
        isLeaving: Bool,
        partitions: [PartitionAnnouncement],
        orchestrators: [OrchestratorAnnouncement] = []
    ) {
        self.orchestrators = orchestrators
        self.id = id
        self.name = name
        self.heartbeat = heartbeat
        self.isLeaving = isLeaving
        self.partitions = partitions
    }
}

/// An orchestrator as one node's program has it.
package struct OrchestratorAnnouncement: Equatable, Sendable {
    package var name: String
    /// The type of its input, as JSON Schema; nil where that says nothing.
    package var inputSchema: Payload?
    /// The declared type of its custom status, as JSON Schema; nil when it declares none.
    package var statusSchema: Payload?
    package var events: [EventAnnouncement]

    package init(
        name: String,
        inputSchema: Payload? = nil,
        statusSchema: Payload? = nil,
        events: [EventAnnouncement] = []
    ) {
        self.name = name
        self.inputSchema = inputSchema
        self.statusSchema = statusSchema
        self.events = events
    }
}

/// An external event that an orchestrator declares.
package struct EventAnnouncement: Equatable, Sendable {
    package var name: String
    /// What it looks like, as JSON Schema; nil where that says nothing.
    package var schema: Payload?

    package init(name: String, schema: Payload? = nil) {
        self.name = name
        self.schema = schema
    }
}

/// A partition as one node has it.
package struct PartitionAnnouncement: Equatable, Sendable {
    package enum Role: String, Sendable {
        case owner
        /// Its journal is here, and follows the log if there is one.
        case standby
        /// Nothing of it is here.
        case none
    }

    package var partition: PartitionNumber
    package var role: Role
    /// What is here of its journal.
    package var holding: HeldJournal?
    /// Where its log continues, according to its owner.
    package var log: LogAddress?
    /// Why it does not work here, for people: a full disk, a damaged journal.
    package var trouble: String?
    /// The activities that its owner has sent tasks to, by name: their queues are worth a look.
    package var activities: [String]

    package init(
        partition: PartitionNumber,
        role: Role,
        holding: HeldJournal?,
        log: LogAddress?,
        trouble: String?,
        activities: [String] = []
    ) {
        self.partition = partition
        self.role = role
        self.holding = holding
        self.log = log
        self.trouble = trouble
        self.activities = activities
    }
}
