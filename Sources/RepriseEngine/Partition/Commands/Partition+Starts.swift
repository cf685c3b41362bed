import Reprise
import RepriseKernel

extension Partition {
    func start(_ request: StartRequest, as command: Command) throws(JournalError) -> Rejection? {
        guard let orchestrator = orchestrators[request.orchestrator] else {
            let known = orchestrators.keys.sorted().joined(separator: ", ")
            return Rejection(
                .unknownOrchestrator,
                "there is no orchestrator '\(request.orchestrator)'; this node has: \(known)"
            )
        }
        do {
            try settings.limits.check(tags: request.tags)
            try settings.limits.check(customStatus: request.customStatus ?? .null)
        } catch {
            return Rejection(error.type == Failure.Kind.tooLarge ? .tooLarge : .invalid, error.message)
        }
        do {
            if let event = request.event { try settings.limits.check(event: event) }
        } catch {
            return error
        }
        if let event = request.event, let refusal = orchestrator.refusal(of: event.name, event.payload) {
            return refusal
        }
        if let existing = try instance(command.instance) {
            switch try meet(existing, request, command) {
            case .answered(let refusal): return refusal
            case .replaced: hide(existing)
            }
        }
        try begin(request, as: command.instance)
        return nil
    }

    private enum StartOutcome {
        case answered(Rejection?)
        case replaced
    }

    /// Decides about a start whose id is taken.
    private func meet(
        _ existing: LiveInstance,
        _ request: StartRequest,
        _ command: Command
    ) throws(JournalError) -> StartOutcome {
        let status = existing.row.runtimeStatus
        if let parent = request.parent, try beginning(of: existing)?.parent?.isSameTask(as: parent) == true {
            return .answered(try adoptChild(existing, for: parent, takesUp: request.takesUp))
        }
        // Permission to start one orchestrator must not affect, through an id, instances of another, or what is left of
        // them.
        guard existing.row.name == request.orchestrator || request.existing == .refuse else {
            return .answered(
                Rejection(
                    .alreadyExists,
                    """
                    an instance '\(command.instance)' of another orchestrator with the status \(status.rawValue) already \
                    exists: ids are shared by all orchestrators of a hub, and a start uses or replaces only its own\
                    \(status.isEnded ? " (purge that one first)" : "")
                    """
                )
            )
        }
        switch request.existing {
        case .use:
            guard let event = request.event else { return .answered(nil) }
            return .answered(try raise(event.name, event.payload, to: existing))
        case .refuse:
            return .answered(
                Rejection(
                    .alreadyExists,
                    "an instance '\(command.instance)' with the status \(status.rawValue) already exists"
                )
            )
        case .replaceEnded: break
        }
        guard status.isEnded else {
            return .answered(
                Rejection(
                    .alreadyExists,
                    "an instance '\(command.instance)' with the status \(status.rawValue) already exists"
                )
            )
        }
        guard command.messageID != nil else {
            return .answered(
                Rejection(
                    .alreadyExists,
                    "an instance '\(command.instance)' existed and has ended; a start that replaces it needs a message id"
                )
            )
        }
        return .replaced
    }

    /// A new incarnation of a free id.
    func begin(_ request: StartRequest, as id: InstanceID) throws(JournalError) {
        let start = ExecutionStart(
            name: request.orchestrator,
            input: request.input,
            traits: InstanceTraits(
                version: request.version ?? settings.versions.version,
                tags: request.tags,
                parent: request.parent?.instance,
                startTime: request.startTime
            ),
            parent: request.parent,
            customStatus: request.customStatus ?? .null
        )
        let instance = create(id, name: start.name)
        instance.open = OpenWork()
        if let time = request.startTime, time > now {
            schedule(start, of: instance)
            arm(.begin(generation: 0), due: time, of: instance)
        } else {
            try beginOrWait(start, of: instance)
        }
        if let event = request.event { try deliverOrKeep(.eventRaised(name: event.name, event.payload), to: instance) }
        try releaseHeld(to: instance)
    }

    /// Begins at once if the node's code has a fitting version.
    private func beginOrWait(_ start: ExecutionStart, of instance: LiveInstance) throws(JournalError) {
        if let refusal = settings.versions.refusal(of: start.traits.version) {
            switch settings.versions.mismatch {
            case .fail:
                instance.beginning = start
                append(.executionStarted(start), to: instance)
                announceStatus(of: start, instance)
                return end(instance, .executionFailed(refusal), as: .failed)
            case .wait:
                schedule(start, of: instance)
                return postpone(.executionStarted(start), for: instance)
            }
        }
        guard let orchestrator = orchestrators[start.name] else { return }
        instance.session = makeSession(for: instance.row, orchestrator)
        try apply(.executionStarted(start), to: instance)
    }

    private func schedule(_ start: ExecutionStart, of instance: LiveInstance) {
        append(.executionScheduled(start), to: instance)
        announceStatus(of: start, instance)
    }

    /// The custom status that came with a start is a version of its own, right after the instance's first.
    func announceStatus(of start: ExecutionStart, _ instance: LiveInstance) {
        guard start.generation == 0, !start.customStatus.isNull, instance.row.version == 1 else { return }
        append(.customStatusSet(start.customStatus), to: instance)
    }

    func create(_ id: InstanceID, name: String) -> LiveInstance {
        let row = InstanceRow(
            key: head.giveKey(),
            id: id,
            name: name,
            incarnation: Incarnation(begunBy: head.commit.next),
            runtimeStatus: .pending,
            version: 0,
            sequence: 0,
            createdTime: now,
            lastUpdatedTime: now,
            firstPosition: 0,
            lastPosition: 0,
            customStatusPosition: 0,
            endPosition: 0,
            hiddenThrough: nil
        )
        return live.keep(LiveInstance(row: row, waitingBytes: waitingBytes))
    }

    /// The time of a scheduled start has come.
    func beginScheduled(_ instance: LiveInstance) throws(JournalError) {
        try activate(instance)
        guard instance.beginning == nil, let start = try beginning(of: instance) else { return }
        try deliverOrKeep(.executionStarted(start), to: instance)
    }

    /// What an instance began with, or will begin with.
    func beginning(of instance: LiveInstance) throws(JournalError) -> ExecutionStart? {
        if let known = instance.beginning { return known }
        let first = try journal.historyRow(at: instance.row.firstPosition)
        let stored = try first.map { row throws(JournalError) in try row.decoded() } ?? []
        return (stored + instance.former.flatMap(\.records) + instance.appended).lazy.compactMap(\.event.start).first
    }
}

extension HistoryEvent {
    /// What an execution began with, or will begin with.
    fileprivate var start: ExecutionStart? {
        switch self {
        case .executionStarted(let start), .executionScheduled(let start): start
        default: nil
        }
    }
}
