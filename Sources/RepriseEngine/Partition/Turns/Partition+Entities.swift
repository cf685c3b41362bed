import Logging
import Reprise
import RepriseKernel

/// Entities: an instance whose history is its last state, and whose turn is one operation.
///
/// ```
///  request ──► due later? ──► kept with a timer
///          ──► locked by someone else?  ──► kept in line
///          ──► applied: state, what it sends and its answer in one commit
/// ```
extension Partition {
    func operate(_ request: EntityRequest, on id: InstanceID) throws(JournalError) -> Rejection? {
        if case .unlock = request.kind {
            // Whatever code this node has: a lock must not outlive its holder.
            if let instance = try instance(id) { try unlock(request.section, instance) }
            return nil
        }
        guard let name = id.entity?.name, entities[name] != nil else {
            let known = entities.keys.sorted().joined(separator: ", ")
            return Rejection(
                .unknownEntity,
                "there is no entity '\(id.entity?.name ?? id.value)'; this node has: \(known)"
            )
        }
        if case .operation = request.kind, let section = request.section, try holder(of: id) != section {
            return Rejection(
                .invalid,
                "the entity '\(id)' is not in the critical section '\(section)': its lock was given up meanwhile"
            )
        }
        let instance = try entity(id, name: name)
        if case .operation(_, let input) = request.kind, isKept(request, by: instance),
            let refusal = instance.refusal(adding: input, settings.limits)
        {
            return refusal
        }
        try take(request, instance)
        return nil
    }

    private func entity(_ id: InstanceID, name: String) throws(JournalError) -> LiveInstance {
        guard let instance = try instance(id) else {
            let instance = create(id, name: name)
            instance.row.runtimeStatus = .running
            instance.entity = EntityState()
            // Even if it only waits at first: what waits belongs to a row.
            live.touch(instance)
            return instance
        }
        try read(instance)
        return instance
    }

    private func holder(of id: InstanceID) throws(JournalError) -> CriticalSection? {
        guard let instance = try instance(id) else { return nil }
        return try section(of: instance)
    }

    func section(of instance: LiveInstance) throws(JournalError) -> CriticalSection? {
        try read(instance)
        return instance.entity?.section
    }

    private func read(_ instance: LiveInstance) throws(JournalError) {
        guard instance.entity == nil else { return }
        var state = EntityState()
        if let row = try journal.historyRow(at: instance.row.lastPosition) {
            for record in try row.decoded() {
                if case .entityStored(let stored) = record.event { state = stored }
            }
        }
        instance.entity = state
        instance.pending = PendingEvents(try journal.pendingEvents(of: instance.row))
    }

    private func isKept(_ request: EntityRequest, by instance: LiveInstance) -> Bool {
        if let due = request.due, due > now { return true }
        guard let holder = instance.entity?.section else { return false }
        return holder != request.section
    }

    private func take(_ request: EntityRequest, _ instance: LiveInstance) throws(JournalError) {
        guard isKept(request, by: instance) else { return try carryOut(request, instance) }
        // A lock that is requested again keeps its place in the queue.
        if case .lock = request.kind, waits(request, for: instance) { return }
        let position = head.nextPending
        postpone(.entityRequested(request), for: instance)
        if let due = request.due, due > now { arm(.signal(position), due: due, of: instance) }
    }

    private func waits(_ request: EntityRequest, for instance: LiveInstance) -> Bool {
        instance.pending.contains { waiting in
            if case .entityRequested(let other) = waiting.event { other == request } else { false }
        }
    }

    /// Whether the requester of a lock has it, or is queued for it.
    func has(_ request: EntityRequest, _ instance: LiveInstance) throws(JournalError) -> Bool {
        try read(instance)
        return instance.entity?.section == request.section || waits(request, for: instance)
    }

    /// A delayed signal's time has come.
    func fireSignal(at position: PendingNumber, of instance: LiveInstance) throws(JournalError) {
        try read(instance)
        guard let index = instance.pending.firstIndex(where: { $0.position == position }),
            case .entityRequested(var request) = instance.pending[index].event
        else { return }
        // If this node does not serve the entity, it keeps waiting until a node that does takes the partition.
        guard isKnown(instance) else { return }
        instance.pending.remove(at: index)
        pending.remove(position)
        request.due = nil
        try take(request, instance)
        live.touch(instance)
    }

    /// What waited when the partition was taken, or behind a lock that is gone.
    func drain(_ instance: LiveInstance) throws(JournalError) {
        try read(instance)
        guard isKnown(instance) else { return }
        while let index = instance.pending.firstIndex(where: { waiting in
            guard case .entityRequested(let request) = waiting.event else { return true }
            return !isKept(request, by: instance) && !isArmed(waiting.position, of: instance)
        }) {
            let waiting = instance.pending.remove(at: index)
            pending.remove(waiting.position)
            if case .entityRequested(let request) = waiting.event { try carryOut(request, instance) }
        }
    }

    private func isKnown(_ instance: LiveInstance) -> Bool {
        instance.row.id.entity.map { entities[$0.name] != nil } ?? false
    }

    /// A due signal belongs to its timer until that fires.
    private func isArmed(_ position: PendingNumber, of instance: LiveInstance) -> Bool {
        timers.isArmed(.instance(instance.row.key, .signal(position)))
    }

    private func carryOut(_ request: EntityRequest, _ instance: LiveInstance) throws(JournalError) {
        live.touch(instance)
        switch request.kind {
        case .operation(let name, let input): perform(name, input, for: request.caller, instance)
        case .lock(let entities): lock(entities, request, instance)
        case .unlock: break
        }
    }

    // MARK: Operations

    private func perform(_ name: String, _ input: Payload, for caller: TaskAddress?, _ instance: LiveInstance) {
        guard var state = instance.entity, let id = instance.row.id.entity, let entity = entities[id.name] else {
            return
        }
        let outcome: TaskResult.Outcome
        if let failure = quarantined(instance.row.id) {
            outcome = .failed(failure)
        } else {
            marker.enter(instance.row.id)
            do throws(Failure) {
                let result = try entity.perform(
                    name,
                    input,
                    on: id,
                    state: state.state,
                    isSignal: caller == nil,
                    at: now,
                    limits: settings.limits,
                    logger: logger,
                    makeChild: {
                        [row = instance.row, commit = head.commit.next, count = instance.appended.count] number in
                        DerivedIdentity.entityChild(of: row.id, commit: commit, number: count + number)
                    }
                )
                state.state = result.state
                for message in result.messages { append(.messageSent(message), to: instance) }
                outcome = .completed(result.output)
            } catch {
                outcome = .failed(error.bounded)
            }
            marker.leave()
        }
        state.lastOperationTime = now
        instance.entity = state
        if let caller {
            append(.entityAnswered(caller, outcome), to: instance)
        } else if case .failed(let failure) = outcome {
            logger.error(
                "The operation '\(name)', whose result no one waits for, failed: \(failure.message)",
                metadata: ["entity": "\(id)"]
            )
        }
    }

    // MARK: Locks

    private func lock(_ entities: [EntityID], _ request: EntityRequest, _ instance: LiveInstance) {
        instance.entity?.section = request.section
        guard let own = entities.firstIndex(where: { $0.instance == instance.row.id }) else { return }
        if own + 1 < entities.count {
            send(.operate(request), to: entities[own + 1].instance, from: instance)
        } else if let caller = request.caller {
            append(.entityAnswered(caller, .granted(entities)), to: instance)
        }
    }

    private func unlock(_ section: CriticalSection?, _ instance: LiveInstance) throws(JournalError) {
        try read(instance)
        guard let section else { return }
        live.touch(instance)
        guard instance.entity?.section == section else {
            // Given up before its turn came.
            for waiting in instance.pending {
                guard case .entityRequested(let request) = waiting.event, request.section == section else { continue }
                pending.remove(waiting.position)
            }
            instance.pending.removeAll { waiting in
                if case .entityRequested(let request) = waiting.event { request.section == section } else { false }
            }
            return
        }
        instance.entity?.section = nil
        try drain(instance)
    }

    // MARK: The commit

    /// Writes the state of a touched entity, or that it no longer exists.
    func store(_ instance: LiveInstance) {
        guard let state = instance.entity else { return }
        guard state.state == nil, state.section == nil, instance.pending.isEmpty else {
            // In the same row as the answers: an entity's history is one row, and the next replaces it.
            instance.beginsGeneration = true
            return append(.entityStored(state), to: instance)
        }
        purgeNow(instance)
    }
}
