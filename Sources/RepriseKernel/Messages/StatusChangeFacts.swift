/// How an event of an instance's history is published to observers.
package struct StatusChangeFacts: Equatable, Sendable {
    package var kind: StatusMessage.Kind
    package var payload = Payload.null
    package var failure: Failure?
    package var traits: InstanceTraits?
}

extension HistoryRecord {
    /// The message that was published for it, except for the partition's own numbers, which are zero; nil if it was not
    /// published.
    package func message(of instance: InstanceStatus) -> StatusMessage? {
        guard let version, let change = event.statusChange else { return nil }
        return StatusMessage(
            kind: change.kind,
            instance: instance.instance,
            name: instance.name,
            incarnation: instance.incarnation,
            version: version,
            partition: instance.partition,
            sequence: 0,
            epoch: 0,
            time: time,
            createdTime: instance.createdTime,
            payload: change.payload,
            failure: change.failure,
            traits: change.traits
        )
    }
}

extension StatusMessage.Kind {
    /// The runtime status from this event on; nil if it does not change.
    package var runtimeStatus: RuntimeStatus? {
        switch self {
        case .scheduled: .pending
        case .started, .continuedAsNew, .resumed, .rewound: .running
        case .suspended: .suspended
        case .completed: .completed
        case .failed: .failed
        case .terminated: .terminated
        case .canceled: .canceled
        case .cancelRequested, .customStatusSet, .entityChanged, .purged: nil
        }
    }
}
