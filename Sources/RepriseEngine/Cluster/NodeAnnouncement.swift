package import RepriseKernel

/// What a node tells all others of its hub, every heartbeat and at every change.
package struct NodeAnnouncement: Equatable, Sendable {
    /// Drawn when the process started.
    package var id: String
    /// For people.
    package var name: String
    /// How often it announces itself. Three of them without a word, and it counts as gone.
    package var heartbeat: Duration
    /// It is stopping, and gives its partitions up.
    package var isLeaving: Bool
    /// What it has of each partition.
    package var partitions: [PartitionAnnouncement]
    /// What can be started where it owns something.
    package var orchestrators: [OrchestratorAnnouncement]

    package init(
        id: String,
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
    /// What it says its custom status is, as JSON Schema; nil where it says nothing.
    package var statusSchema: Payload?
    package var events: [EventAnnouncement]

    package init(name: String, statusSchema: Payload? = nil, events: [EventAnnouncement] = []) {
        self.name = name
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
        /// Its journal is here, and follows the log where there is one.
        case standby
        /// Nothing of it is here.
        case none
    }

    package var partition: PartitionNumber
    package var role: Role
    /// What is here of its journal.
    package var holding: HeldJournal?
    /// Where its log goes on, as its owner says.
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
