package import RepriseKernel

/// What is known of one instance so far, in the order of its versions, without repeats.
package struct InstanceTimeline: Equatable, Sendable {
    package private(set) var name = ""
    package private(set) var incarnation: Incarnation = 0
    package private(set) var version: Int64 = 0
    package private(set) var runtimeStatus: RuntimeStatus?
    package private(set) var customStatus = Payload.null
    package private(set) var output = Payload.null
    package private(set) var failure: Failure?
    package private(set) var isPurged = false
    /// The latest status, complete.
    package private(set) var status: InstanceStatus?

    package init() {}

    package enum Verdict: Equatable, Sendable {
        case changed
        /// Known before.
        case old
        /// Versions are missing before this message: ask the partition.
        case gap
    }

    package var isEnded: Bool { isPurged || runtimeStatus?.isEnded == true }

    package mutating func hear(_ message: StatusMessage) -> Verdict {
        guard (message.incarnation, message.version) > (incarnation, version) else { return .old }
        guard message.version == (message.incarnation == incarnation ? version + 1 : 1) else { return .gap }
        if message.incarnation != incarnation { self = InstanceTimeline() }
        name = message.name
        incarnation = message.incarnation
        version = message.version
        switch message.kind {
        case .scheduled: runtimeStatus = .pending
        case .started, .resumed, .continuedAsNew: runtimeStatus = .running
        case .rewound:
            runtimeStatus = .running
            output = .null
            failure = nil
        case .suspended: runtimeStatus = .suspended
        case .cancelRequested: break
        case .customStatusSet, .entityChanged: customStatus = message.payload
        case .completed: end(.completed, message)
        case .failed: end(.failed, message)
        case .canceled: end(.canceled, message)
        case .terminated: end(.terminated, message)
        case .purged: isPurged = true
        }
        status = InstanceStatus(
            instance: message.instance,
            name: name,
            incarnation: incarnation,
            version: version,
            runtimeStatus: runtimeStatus ?? .running,
            input: message.beginsExecution ? message.payload : status?.input ?? .null,
            customStatus: customStatus,
            output: output,
            failure: failure,
            createdTime: message.createdTime,
            lastUpdatedTime: message.time,
            partition: message.partition,
            sequence: message.sequence,
            traits: message.traits ?? status?.traits ?? InstanceTraits()
        )
        return .changed
    }

    private mutating func end(_ status: RuntimeStatus, _ message: StatusMessage) {
        runtimeStatus = status
        output = message.payload
        failure = message.failure
    }

    /// Takes what the partition itself says.
    package mutating func learn(_ status: InstanceStatus) -> Verdict {
        guard (status.incarnation, status.version) > (incarnation, version) else { return .old }
        name = status.name
        incarnation = status.incarnation
        version = status.version
        runtimeStatus = status.runtimeStatus
        customStatus = status.customStatus
        output = status.output
        failure = status.failure
        isPurged = false
        self.status = status
        return .changed
    }

    /// The partition no longer knows the instance.
    package mutating func learnAbsence() { isPurged = true }
}

extension StatusMessage {
    fileprivate var beginsExecution: Bool { kind == .scheduled || kind == .started || kind == .continuedAsNew }
}
