package import RepriseKernel

/// What the read model knows of one instance, and how new each part of it is.
///
/// Every aspect keeps the version it came from, so that messages may come late, twice or in any order: the newest
/// version of each aspect wins. An incarnation beats every older one; a purge ends its incarnation for good.
package struct StatusRecord: Equatable, Sendable {
    /// The runtime status and what the instance ended with; these change together.
    package struct Lifecycle: Equatable, Sendable {
        package var runtimeStatus: RuntimeStatus
        package var output: Payload
        package var failure: Failure?
        package var version: Int64
    }

    /// A value and the version that set it.
    package struct Versioned: Equatable, Sendable {
        package var value: Payload
        package var version: Int64
    }

    package let instance: InstanceID
    package let partition: PartitionNumber
    package var name: String
    package var incarnation: Incarnation
    /// The newest version seen of any aspect.
    package var version: Int64
    package var lifecycle: Lifecycle
    package var customStatus: Versioned
    package var input: Versioned
    package var traits: InstanceTraits
    /// The version that gave the traits.
    package var traitsVersion: Int64
    package var createdTime: Timestamp
    package var lastUpdatedTime: Timestamp
    /// The highest status sequence of the partition that touched this incarnation.
    package var sequence: StatusSequenceNumber
    /// A purged instance is kept, hidden, until the partition's messages up to its purge have all been applied.
    package var isPurged: Bool
}

// MARK: Messages

extension StatusRecord {
    /// What one message alone says about its instance.
    package init(_ message: StatusMessage) {
        self.init(blank: message)
        apply(message)
    }

    /// The record after a message: the same whatever the order, and however often each message comes.
    package func merging(_ message: StatusMessage) -> StatusRecord {
        if message.incarnation < incarnation { return self }
        if message.incarnation > incarnation { return StatusRecord(message) }
        var merged = self
        merged.apply(message)
        return merged
    }

    /// An incarnation of which only its existence is known.
    private init(blank message: StatusMessage) {
        self.init(
            instance: message.instance,
            partition: message.partition,
            name: message.name,
            incarnation: message.incarnation,
            version: 0,
            // An instance that sends messages has started, even if its first message is still on its way.
            lifecycle: Lifecycle(runtimeStatus: .running, output: .null, failure: nil, version: 0),
            customStatus: Versioned(value: .null, version: 0),
            input: Versioned(value: .null, version: 0),
            traits: InstanceTraits(),
            traitsVersion: 0,
            createdTime: message.createdTime,
            lastUpdatedTime: message.time,
            sequence: message.sequence,
            isPurged: false
        )
    }

    private mutating func apply(_ message: StatusMessage) {
        version = max(version, message.version)
        sequence = max(sequence, message.sequence)
        lastUpdatedTime = max(lastUpdatedTime, message.time)
        guard !isPurged else { return }
        if let traits = message.traits, message.version > traitsVersion {
            self.traits = traits
            traitsVersion = message.version
        }
        switch message.kind {
        case .scheduled:
            setInput(message)
            setLifecycle(.pending, message)
        case .started, .continuedAsNew:
            setInput(message)
            setLifecycle(.running, message)
        case .resumed, .rewound: setLifecycle(.running, message)
        case .suspended: setLifecycle(.suspended, message)
        case .completed: setLifecycle(.completed, message, output: message.payload)
        case .terminated: setLifecycle(.terminated, message, output: message.payload)
        case .canceled: setLifecycle(.canceled, message, output: message.payload)
        // Its code cleans up, and runs for that.
        case .cancelRequested: break
        case .failed: setLifecycle(.failed, message, output: message.payload)
        case .customStatusSet, .entityChanged:
            if message.version > customStatus.version {
                customStatus = Versioned(value: message.payload, version: message.version)
            }
        case .purged: becomeTombstone()
        }
    }

    private mutating func setInput(_ message: StatusMessage) {
        guard message.version > input.version else { return }
        input = Versioned(value: message.payload, version: message.version)
    }

    private mutating func setLifecycle(
        _ status: RuntimeStatus,
        _ message: StatusMessage,
        output: Payload = .null
    ) {
        guard message.version > lifecycle.version else { return }
        lifecycle = Lifecycle(
            runtimeStatus: status,
            output: Self.output(output, message.failure),
            failure: message.failure,
            version: message.version
        )
    }

    /// A failure is shown as its text.
    private static func output(_ payload: Payload, _ failure: Failure?) -> Payload {
        if payload.isNull, let failure { return .string(failure.description) }
        return payload
    }

    /// Drops what it held, so that the tombstone is the same whatever came before it.
    private mutating func becomeTombstone() {
        isPurged = true
        lifecycle = Lifecycle(runtimeStatus: .completed, output: .null, failure: nil, version: 0)
        customStatus = Versioned(value: .null, version: 0)
        input = Versioned(value: .null, version: 0)
        traits = InstanceTraits()
        traitsVersion = 0
    }
}

// MARK: Snapshots

extension StatusRecord {
    /// What a partition says about an instance: all aspects, as of one version.
    package init(_ status: InstanceStatus) {
        self.init(
            instance: status.instance,
            partition: status.partition,
            name: status.name,
            incarnation: status.incarnation,
            version: status.version,
            lifecycle: Lifecycle(
                runtimeStatus: status.runtimeStatus,
                output: Self.output(status.output, status.failure),
                failure: status.failure,
                version: status.version
            ),
            customStatus: Versioned(value: status.customStatus, version: status.version),
            input: Versioned(value: status.input, version: status.version),
            traits: status.traits,
            traitsVersion: status.version,
            createdTime: status.createdTime,
            lastUpdatedTime: status.lastUpdatedTime,
            sequence: status.sequence,
            isPurged: false
        )
    }

    /// The record after a snapshot: what is newer here stays.
    package func merging(_ status: InstanceStatus) -> StatusRecord {
        if status.incarnation < incarnation || (isPurged && status.incarnation == incarnation) { return self }
        var merged = StatusRecord(status)
        guard status.incarnation == incarnation else { return merged }
        merged.version = max(version, status.version)
        merged.sequence = max(sequence, status.sequence)
        merged.lastUpdatedTime = max(lastUpdatedTime, status.lastUpdatedTime)
        if lifecycle.version > status.version { merged.lifecycle = lifecycle }
        if customStatus.version > status.version { merged.customStatus = customStatus }
        if input.version > status.version { merged.input = input }
        if traitsVersion > status.version {
            merged.traits = traits
            merged.traitsVersion = traitsVersion
        }
        return merged
    }

    /// Its runtime status. An instance resumed before its start time keeps waiting: only a start makes it run.
    package var runtimeStatus: RuntimeStatus {
        guard lifecycle.runtimeStatus == .running, let startTime = traits.startTime, lastUpdatedTime < startTime
        else { return lifecycle.runtimeStatus }
        return .pending
    }

    /// As it is shown outside.
    package var status: InstanceStatus {
        InstanceStatus(
            instance: instance,
            name: name,
            incarnation: incarnation,
            version: version,
            runtimeStatus: runtimeStatus,
            input: input.value,
            customStatus: customStatus.value,
            output: lifecycle.output,
            failure: lifecycle.failure,
            createdTime: createdTime,
            lastUpdatedTime: lastUpdatedTime,
            partition: partition,
            sequence: sequence,
            traits: traits
        )
    }
}
