/// What is published when an instance changes: lifecycle or custom status, numbered without gaps.
package struct StatusMessage: Equatable, Sendable {
    /// The message's `type` on the wire.
    package enum Kind: String, Sendable, CaseIterable {
        case scheduled = "OrchestrationScheduled"
        case started = "OrchestrationStarted"
        case customStatusSet = "CustomStatusSet"
        case completed = "OrchestrationCompleted"
        case failed = "OrchestrationFailed"
        case terminated = "OrchestrationTerminated"
        /// Its code is told to clean up.
        case cancelRequested = "OrchestrationCancelRequested"
        case canceled = "OrchestrationCanceled"
        case suspended = "OrchestrationSuspended"
        case resumed = "OrchestrationResumed"
        case rewound = "OrchestrationRewound"
        case continuedAsNew = "OrchestrationContinuedAsNew"
        case purged = "OrchestrationPurged"
        /// An operation changed an entity; the payload is its state.
        case entityChanged = "EntityChanged"
    }

    package var kind: Kind
    package var instance: InstanceID
    package var name: String
    package var incarnation: Incarnation
    /// From 1 within the incarnation; each message has the next number.
    package var version: Int64
    package var partition: PartitionNumber
    /// From 1 within the partition; each message has the next number.
    package var sequence: StatusSequenceNumber
    /// Rises whenever the partition changes hands.
    package var epoch: Epoch
    package var time: Timestamp
    package var createdTime: Timestamp
    /// The input, custom status, output, or reason, by kind; a failure travels in `failure`.
    package var payload: Payload
    package var failure: Failure?
    /// Present for what begins an execution: scheduled, started, continued as new.
    package var traits: InstanceTraits?

    package init(
        kind: Kind,
        instance: InstanceID,
        name: String,
        incarnation: Incarnation,
        version: Int64,
        partition: PartitionNumber,
        sequence: StatusSequenceNumber,
        epoch: Epoch,
        time: Timestamp,
        createdTime: Timestamp,
        payload: Payload,
        failure: Failure? = nil,
        traits: InstanceTraits? = nil
    ) {
        self.kind = kind
        self.instance = instance
        self.name = name
        self.incarnation = incarnation
        self.version = version
        self.partition = partition
        self.sequence = sequence
        self.epoch = epoch
        self.time = time
        self.createdTime = createdTime
        self.payload = payload
        self.failure = failure
        self.traits = traits
    }
}
