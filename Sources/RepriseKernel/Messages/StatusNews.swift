/// How observers hear of an event of an instance's history.
package struct StatusNews: Equatable, Sendable {
    package var kind: StatusMessage.Kind
    package var payload = Payload.null
    package var failure: Failure?
    package var traits: InstanceTraits?
}

extension HistoryEvent {
    /// Only events with a version are told.
    package var news: StatusNews {
        switch self {
        case .executionScheduled(let start): StatusNews(kind: .scheduled, payload: start.input, traits: start.traits)
        case .executionStarted(let start):
            StatusNews(
                kind: start.generation == 0 ? .started : .continuedAsNew,
                payload: start.input,
                traits: start.traits
            )
        case .customStatusSet(let status): StatusNews(kind: .customStatusSet, payload: status)
        case .executionCompleted(let output): StatusNews(kind: .completed, payload: output)
        case .executionFailed(let failure):
            StatusNews(kind: .failed, payload: .string(failure.description), failure: failure)
        case .executionTerminated(let reason): StatusNews(kind: .terminated, payload: reason)
        case .executionSuspended(let reason): StatusNews(kind: .suspended, payload: reason)
        case .executionResumed(let reason): StatusNews(kind: .resumed, payload: reason)
        case .executionRewound(let reason, _): StatusNews(kind: .rewound, payload: reason)
        case .entityStored(let state): StatusNews(kind: .entityChanged, payload: state.state ?? .null)
        case .taskScheduled, .taskStarted, .taskCompleted, .taskFailed, .timerCreated, .timerFired, .timerCanceled,
            .eventRaised, .messageSent, .executionContinued, .parentNotified, .parentAddressed,
            .entityRequested, .entityAnswered:
            // Never published: ``isPublished`` gives these no version.
            StatusNews(kind: .customStatusSet)
        }
    }
}

extension HistoryRecord {
    /// What observers were told of it, but for the partition's own numbers, which are zero; nil for what nobody was told.
    package func message(of instance: InstanceStatus) -> StatusMessage? {
        guard let version else { return nil }
        let news = event.news
        return StatusMessage(
            kind: news.kind,
            instance: instance.instance,
            name: instance.name,
            incarnation: instance.incarnation,
            version: version,
            partition: instance.partition,
            sequence: 0,
            epoch: 0,
            time: time,
            createdTime: instance.createdTime,
            payload: news.payload,
            failure: news.failure,
            traits: news.traits
        )
    }
}

extension StatusMessage.Kind {
    /// Where an instance stands from this on; nil for what does not change that.
    package var runtimeStatus: RuntimeStatus? {
        switch self {
        case .scheduled: .pending
        case .started, .continuedAsNew, .resumed, .rewound: .running
        case .suspended: .suspended
        case .completed: .completed
        case .failed: .failed
        case .terminated: .terminated
        case .customStatusSet, .entityChanged, .purged: nil
        }
    }
}
