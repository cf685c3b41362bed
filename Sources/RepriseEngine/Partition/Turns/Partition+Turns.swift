import Logging
import Reprise
import RepriseKernel

extension Partition {
    /// Applies one event, then whatever waited for what the code asks for next.
    func apply(_ event: HistoryEvent, to instance: LiveInstance) throws(JournalError) {
        try turn(event, of: instance)
        try applyPending(to: instance)
    }

    /// One event, and the code's decisions.
    func turn(_ event: HistoryEvent, of instance: LiveInstance) throws(JournalError) {
        guard let session = instance.session else { return }
        var event = event
        if case .executionStarted(var start) = event {
            start.parent = instance.addressed ?? start.parent
            event = .executionStarted(start)
            instance.beginning = start
            instance.row.runtimeStatus = .running
        }
        if case .cancelRequested(let cancellation) = event {
            event = .cancelRequested(beginGrace(cancellation, of: instance))
        }
        takeProgress(before: event, of: instance)
        append(event, to: instance)
        if case .executionStarted(let start) = event { announceStatus(of: start, instance) }
        if let failure = quarantined(instance.row.id) { return endQuarantined(instance, failure) }
        marker.enter(instance.row.id)
        let turn = session.apply(event, at: now, replaying: false)
        marker.leave()
        if let problem = turn.problem {
            logger.error("\(problem.message)", metadata: ["instance": "\(instance.row.id)"])
            return end(instance, .executionFailed(problem), as: .failed)
        }
        guard instance.eventCount + turn.decisions.count <= settings.limits.historyEvents else {
            return end(instance, .executionFailed(.historyTooLong(settings.limits)), as: .failed)
        }
        for decision in turn.decisions { try record(decision, of: instance) }
    }

    private func record(_ decision: Decision, of instance: LiveInstance) throws(JournalError) {
        switch decision {
        case .scheduleTask(let request):
            let first = request.firstAttempt
            let key =
                first == request.id
                ? ScheduledTask.keyToCome : instance.open?.failedKeys[first] ?? ScheduledTask.keyToCome
            var task = ScheduledTask(request, key: key, secret: environment.makeSecret())
            if first != request.id { task.progress = instance.open?.progress(of: key) }
            append(.taskScheduled(numbered(task, instance)), to: instance)
            armTimeouts(of: task, instance)
        case .createTimer(let id, let fireAt):
            append(.timerCreated(id, fireAt: fireAt), to: instance)
            arm(.task(id), due: fireAt, of: instance)
        case .cancelTimer(let id):
            disarm(.task(id), of: instance)
            append(.timerCanceled(id), to: instance)
        case .abandonTask(let id):
            if let task = instance.open?.tasks[id] { close(task, of: instance) }
            append(.taskAbandoned(id), to: instance)
        case .send(let message):
            append(.messageSent(numbered(message, instance)), to: instance)
        case .setCustomStatus(let status):
            append(.customStatusSet(status), to: instance)
        case .complete(let output):
            end(instance, .executionCompleted(output: output), as: .completed)
        case .fail(let failure):
            end(instance, .executionFailed(failure.bounded), as: .failed)
        case .cancel:
            let reason = instance.cancellation?.reason ?? .null
            end(instance, .executionCanceled(reason: reason, isForced: false), as: .canceled)
        case .continueAsNew(let input, let keepsEvents, let version):
            try continueAsNew(instance, input: input, keepsEvents: keepsEvents, version: version)
        }
    }

    func append(_ event: HistoryEvent, to instance: LiveInstance) {
        var record = HistoryRecord(event, time: now)
        if event.isPublished {
            instance.row.version += 1
            record.version = instance.row.version
            instance.row.lastUpdatedTime = now
        }
        instance.open?.fold(event)
        instance.appended.append(record)
        instance.eventCount += 1
        live.touch(instance)
    }
}

extension ScheduledTask {
    fileprivate init(_ request: TaskRequest, key: TaskKey, secret: TaskSecret) {
        self.init(
            id: request.id,
            name: request.name,
            input: request.input,
            target: request.target,
            timeouts: request.timeouts,
            attempt: request.attempt,
            key: key,
            secret: secret
        )
    }

    /// A placeholder for the outbound number that the commit will give.
    static let keyToCome: TaskKey = 0
}

extension Failure {
    fileprivate static func historyTooLong(_ limits: Limits) -> Failure {
        Failure(
            type: Failure.Kind.historyTooLong,
            message: "the history of this execution would have more than \(limits.historyEvents) events",
            details: """
                An orchestration that runs forever continues as new now and then; one that fans out to very many tasks \
                calls sub-orchestrations that each have a share of them.
                """,
            isNonRetriable: true
        )
    }
}
