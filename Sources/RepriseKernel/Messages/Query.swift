/// A question to a partition, which changes nothing. Answered from the journal, without a commit.
package enum Query: Equatable, Sendable {
    case status(InstanceID, history: Bool)
    /// The changes of an instance after a version of its current incarnation.
    case changes(InstanceID, after: Int64)
    /// Instances in the order of their keys, after `cursor`: 0 to begin.
    case instances(after: InstanceKey, limit: Int)
    case health
}

/// The answer to a command or a query.
package enum Answer: Equatable, Sendable {
    /// After an event, with the names of the events that the code waits for, unless it waits for this one or for none.
    case accepted(InstanceID, waitingFor: [String] = [])
    /// Accepted, with the number of things it affected.
    case counted(InstanceID, Int)
    case rejected(Rejection)
    case status(InstanceStatus?, history: [HistoryRecord])
    case changes(ChangePage)
    case instances(InstancePage)
    case health(PartitionHealth)
}

/// What is known of an instance from outside.
package struct InstanceStatus: Equatable, Sendable {
    package var instance: InstanceID
    package var name: String
    /// The commit at which this incarnation of the id began: (incarnation, version) orders everything about an instance.
    package var incarnation: Incarnation
    package var version: Int64
    package var runtimeStatus: RuntimeStatus
    package var input: Payload
    package var customStatus: Payload
    /// The output, or the reason of a termination, or the text of a failure; null before the end.
    package var output: Payload
    package var failure: Failure?
    package var createdTime: Timestamp
    package var lastUpdatedTime: Timestamp
    package var partition: PartitionNumber
    /// The partition's status sequence at the last change.
    package var sequence: StatusSequenceNumber
    package var traits: InstanceTraits
    /// The names of the external events that the code waits for now; nil when that is unknown without a replay.
    package var waitingFor: [String]?
    /// The events that were raised and that the code has not waited for yet, oldest first; only in the answer to a
    /// question about this instance.
    package var unreadEvents: [UnreadEvent] = []

    package init(
        instance: InstanceID,
        name: String,
        incarnation: Incarnation,
        version: Int64,
        runtimeStatus: RuntimeStatus,
        input: Payload,
        customStatus: Payload,
        output: Payload,
        failure: Failure?,
        createdTime: Timestamp,
        lastUpdatedTime: Timestamp,
        partition: PartitionNumber,
        sequence: StatusSequenceNumber,
        traits: InstanceTraits = InstanceTraits(),
        waitingFor: [String]? = nil
    ) {
        self.waitingFor = waitingFor
        self.instance = instance
        self.name = name
        self.incarnation = incarnation
        self.version = version
        self.runtimeStatus = runtimeStatus
        self.input = input
        self.customStatus = customStatus
        self.output = output
        self.failure = failure
        self.createdTime = createdTime
        self.lastUpdatedTime = lastUpdatedTime
        self.partition = partition
        self.sequence = sequence
        self.traits = traits
    }
}

/// An event that was raised, and that the code has not waited for yet.
package struct UnreadEvent: Equatable, Sendable {
    package var name: String
    /// When it was raised.
    package var time: Timestamp

    package init(name: String, time: Timestamp) {
        self.name = name
        self.time = time
    }
}

/// The changes of an instance, as far as its history still has them, and as many as fit into one message.
package struct ChangePage: Equatable, Sendable {
    package var status: InstanceStatus
    /// In the order of their versions.
    package var messages: [StatusMessage]
    /// Ask again after this version for the rest; nil when there is none.
    package var next: Int64?

    package init(status: InstanceStatus, messages: [StatusMessage], next: Int64?) {
        self.status = status
        self.messages = messages
        self.next = next
    }
}

/// One page of a partition's instances. A sweep ends with the page that has no `next`.
package struct InstancePage: Equatable, Sendable {
    package var statuses: [InstanceStatus]
    /// Pass as `after` for the next page.
    package var next: InstanceKey?
    /// The partition's status sequence when the page was read: later live messages apply on top.
    package var sequence: StatusSequenceNumber

    package init(statuses: [InstanceStatus], next: InstanceKey?, sequence: StatusSequenceNumber) {
        self.statuses = statuses
        self.next = next
        self.sequence = sequence
    }
}

/// What `reprise doctor` shows of a partition.
package struct PartitionHealth: Equatable, Sendable {
    package var partition: PartitionNumber
    package var node: String
    package var journal: JournalID
    package var epoch: Epoch
    package var commits: CommitNumber
    package var sequence: StatusSequenceNumber
    package var instances: Int64
    package var liveSessions: Int
    /// Those of them whose code waits for an external event.
    package var awaitingEvents: Int
    package var unconfirmed: Int
    package var retrying: Int
    /// Why some of them are being retried; nil when none is, and from a node of an older release.
    package var retryReason: String?
    package var armedTimers: Int
    package var droppedResults: Int64
    /// Instances whose replayed code passes on something else, since this owner took the partition.
    package var changedInputs: Int
    /// Nil from a node of an older release.
    package var work: PartitionWork?
    /// How far the owner's wall clock is ahead of recorded time; negative when it is behind.
    package var clockDifference: Duration

    package init(
        partition: PartitionNumber,
        node: String,
        journal: JournalID,
        epoch: Epoch,
        commits: CommitNumber,
        sequence: StatusSequenceNumber,
        instances: Int64,
        liveSessions: Int,
        awaitingEvents: Int = 0,
        unconfirmed: Int,
        retrying: Int,
        retryReason: String? = nil,
        armedTimers: Int,
        droppedResults: Int64,
        changedInputs: Int = 0,
        work: PartitionWork? = nil,
        clockDifference: Duration = .zero
    ) {
        self.partition = partition
        self.node = node
        self.journal = journal
        self.epoch = epoch
        self.commits = commits
        self.sequence = sequence
        self.instances = instances
        self.liveSessions = liveSessions
        self.awaitingEvents = awaitingEvents
        self.unconfirmed = unconfirmed
        self.retrying = retrying
        self.retryReason = retryReason
        self.armedTimers = armedTimers
        self.droppedResults = droppedResults
        self.changedInputs = changedInputs
        self.work = work
        self.clockDifference = clockDifference
    }
}
