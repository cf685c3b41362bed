// The binary form of what history, outbound messages and answers share. Fields are only ever added at the end of
// something with a known length, or under a new kind.

extension ByteWriter {
    package mutating func write(_ traits: InstanceTraits) {
        optional(traits.version)
        tags(traits.tags)
        optional(traits.parent?.value)
        optional(traits.startTime) { $0.write($1) }
    }

    package mutating func write(_ start: ExecutionStart) {
        string(start.name)
        string(start.input.bytes)
        write(start.traits)
        optional(start.parent) { $0.write($1) }
        signed(start.generation)
        signed(start.lastTask.value)
        string(start.customStatus.bytes)
    }

    package mutating func write(_ cancellation: Cancellation) {
        string(cancellation.reason.bytes)
        write(cancellation.grace)
        bool(cancellation.children)
        optional(cancellation.deadline) { $0.write($1) }
    }

    package mutating func write(_ request: StartRequest) {
        string(request.orchestrator)
        string(request.input.bytes)
        optional(request.version)
        tags(request.tags)
        optional(request.startTime) { $0.write($1) }
        string(request.existing.rawValue)
        optional(request.event) { writer, event in
            writer.string(event.name)
            writer.string(event.payload.bytes)
        }
        optional(request.parent) { $0.write($1) }
        // Once a Boolean; there is a second bit since starts may carry a status.
        byte((request.takesUp ? 1 : 0) | (request.customStatus == nil ? 0 : 2))
        if let status = request.customStatus { string(status.bytes) }
    }

    package mutating func write(_ request: EntityRequest) {
        switch request.kind {
        case .operation(let name, let input):
            byte(0)
            string(name)
            string(input.bytes)
        case .lock(let entities):
            byte(1)
            list(entities) { $0.write($1) }
        case .unlock:
            byte(2)
        }
        optional(request.caller) { $0.write($1) }
        optional(request.section) { $0.write($1) }
        optional(request.due) { $0.write($1) }
    }

    package mutating func write(_ state: EntityState) {
        optional(state.state) { $0.string($1.bytes) }
        optional(state.section) { $0.write($1) }
        write(state.lastOperationTime)
    }

    package mutating func write(_ action: Command.Action) {
        switch action {
        case .start(let request):
            byte(0)
            write(request)
        case .raiseEvent(let name, let payload):
            byte(1)
            string(name)
            string(payload.bytes)
        case .terminate(let reason, let children, nil):
            byte(2)
            string(reason.bytes)
            bool(children)
        case .terminate(let reason, let children, let parent?):
            byte(9)
            string(reason.bytes)
            bool(children)
            write(parent)
        case .cancel(let reason, let grace, let children, let parent):
            byte(12)
            string(reason.bytes)
            optional(grace) { $0.write($1) }
            bool(children)
            optional(parent) { $0.write($1) }
        case .suspend(let reason):
            byte(3)
            string(reason.bytes)
        case .resume(let reason):
            byte(4)
            string(reason.bytes)
        case .rewind(let reason):
            byte(5)
            string(reason.bytes)
        case .resend: byte(11)
        case .restart(let id):
            byte(6)
            optional(id?.value)
        case .purge(let children, nil):
            byte(7)
            bool(children)
        case .purge(let children, let parent?):
            byte(10)
            bool(children)
            write(parent)
        case .operate(let request):
            byte(8)
            write(request)
        }
    }

    package mutating func write(_ outcome: TaskResult.Outcome) {
        switch outcome {
        case .completed(let payload):
            byte(0)
            string(payload.bytes)
        case .failed(let failure):
            byte(1)
            write(failure)
        case .started:
            byte(2)
        case .granted(let entities):
            byte(3)
            list(entities) { $0.write($1) }
        }
    }

    package mutating func write(_ target: TaskTarget) {
        switch target {
        case .activity:
            byte(0)
        case .orchestration(let instance, let version, let tags, let takesUp, let policy):
            byte(policy == .abandon ? 1 : 5)
            string(instance.value)
            optional(version)
            self.tags(tags)
            bool(takesUp)
            if policy != .abandon { bool(policy == .terminate) }
        case .entity(let entity, let section?) where section.attempt != 1:
            byte(4)
            write(entity)
            signed(section.task.value)
            unsigned(UInt64(section.attempt))
        case .entity(let entity, let section):
            byte(2)
            write(entity)
            optional(section) { $0.signed($1.task.value) }
        case .lock(let entities):
            byte(3)
            list(entities) { $0.write($1) }
        }
    }

    package mutating func write(_ timeouts: TaskTimeouts) {
        optional(timeouts.scheduleToStart) { $0.write($1) }
        optional(timeouts.startToClose) { $0.write($1) }
    }

    package mutating func write(_ failure: Failure) { write(failure, depth: 0) }

    private mutating func write(_ failure: Failure, depth: Int) {
        let cause = depth < ByteReader.maximumCauses ? failure.cause : nil
        string(failure.type)
        string(failure.message)
        let flags: UInt8 =
            (failure.isNonRetriable ? 1 : 0) | (failure.details != nil ? 2 : 0) | (cause != nil ? 4 : 0)
        byte(flags)
        if let details = failure.details { string(details) }
        if let cause { write(cause, depth: depth + 1) }
    }
}

extension ByteReader {
    package mutating func instanceTraits() throws(Damaged) -> InstanceTraits {
        InstanceTraits(
            version: try optional(),
            tags: try tags(),
            parent: try optional { (reader) throws(Damaged) in try reader.instanceID() },
            startTime: try optional { (reader) throws(Damaged) in try reader.timestamp() }
        )
    }

    package mutating func executionStart() throws(Damaged) -> ExecutionStart {
        ExecutionStart(
            name: try string(),
            input: try payload(),
            traits: try instanceTraits(),
            parent: try optional { (reader) throws(Damaged) in try reader.taskAddress() },
            generation: try signed(),
            lastTask: try taskID(),
            customStatus: try payload()
        )
    }

    package mutating func cancellation() throws(Damaged) -> Cancellation {
        Cancellation(
            reason: try payload(),
            grace: try duration(),
            children: try bool(),
            deadline: try optional { (reader) throws(Damaged) in try reader.timestamp() }
        )
    }

    package mutating func startRequest() throws(Damaged) -> StartRequest {
        var request = StartRequest(
            orchestrator: try string(),
            input: try payload(),
            version: try optional(),
            tags: try tags(),
            startTime: try optional { (reader) throws(Damaged) in try reader.timestamp() },
            existing: StartRequest.Existing(rawValue: try string()) ?? .refuse,
            event: try optional { (reader) throws(Damaged) in
                StartRequest.Event(name: try reader.string(), payload: try reader.payload())
            },
            parent: try optional { (reader) throws(Damaged) in try reader.taskAddress() }
        )
        let flags = try byte()
        guard flags < 4 else { throw Damaged(description: "a start with unknown options \(flags)") }
        request.takesUp = flags & 1 != 0
        if flags & 2 != 0 { request.customStatus = try payload() }
        return request
    }

    package mutating func entityRequest() throws(Damaged) -> EntityRequest {
        let kind: EntityRequest.Kind
        switch try byte() {
        case 0: kind = .operation(name: try string(), input: try payload())
        case 1: kind = .lock(try list { (reader) throws(Damaged) in try reader.entityID() })
        case 2: kind = .unlock
        case let other: throw Damaged(description: "an entity's request of unknown kind \(other)")
        }
        return EntityRequest(
            kind,
            caller: try optional { (reader) throws(Damaged) in try reader.taskAddress() },
            section: try optional { (reader) throws(Damaged) in try reader.criticalSection() },
            due: try optional { (reader) throws(Damaged) in try reader.timestamp() }
        )
    }

    package mutating func entityState() throws(Damaged) -> EntityState {
        EntityState(
            state: try optional { (reader) throws(Damaged) in try reader.payload() },
            section: try optional { (reader) throws(Damaged) in try reader.criticalSection() },
            lastOperationTime: try timestamp()
        )
    }

    package mutating func commandAction() throws(Damaged) -> Command.Action {
        switch try byte() {
        case 0: .start(try startRequest())
        case 1: .raiseEvent(name: try string(), try payload())
        case 2: .terminate(reason: try payload(), children: try bool())
        case 3: .suspend(reason: try payload())
        case 4: .resume(reason: try payload())
        case 5: .rewind(reason: try payload())
        case 6: .restart(as: try optional { (reader) throws(Damaged) in try reader.instanceID() })
        case 7: .purge(children: try bool())
        case 8: .operate(try entityRequest())
        case 9: .terminate(reason: try payload(), children: try bool(), childOf: try taskAddress())
        case 10: .purge(children: try bool(), childOf: try taskAddress())
        case 11: .resend
        case 12:
            .cancel(
                reason: try payload(),
                grace: try optional { (reader) throws(Damaged) in try reader.duration() },
                children: try bool(),
                childOf: try optional { (reader) throws(Damaged) in try reader.taskAddress() }
            )
        case let other: throw Damaged(description: "a command of unknown kind \(other)")
        }
    }

    package mutating func outcome() throws(Damaged) -> TaskResult.Outcome {
        switch try byte() {
        case 0: .completed(try payload())
        case 1: .failed(try failure())
        case 2: .started
        case 3: .granted(try list { (reader) throws(Damaged) in try reader.entityID() })
        case let other: throw Damaged(description: "an outcome of unknown kind \(other)")
        }
    }

    package mutating func taskTarget() throws(Damaged) -> TaskTarget {
        switch try byte() {
        case 0: .activity
        case 1: .orchestration(try instanceID(), version: try optional(), tags: try tags(), takesUp: try bool())
        case 2:
            .entity(
                try entityID(),
                section: try optional { (reader) throws(Damaged) in LockNumber(try reader.taskID()) }
            )
        case 3: .lock(try list { (reader) throws(Damaged) in try reader.entityID() })
        case 4:
            .entity(
                try entityID(),
                section: LockNumber(try taskID(), attempt: Int(truncatingIfNeeded: try unsigned()))
            )
        case 5:
            .orchestration(
                try instanceID(),
                version: try optional(),
                tags: try tags(),
                takesUp: try bool(),
                parentClose: try bool() ? .terminate : .cancel
            )
        case let other: throw Damaged(description: "a task of unknown kind \(other)")
        }
    }

    package mutating func taskTimeouts() throws(Damaged) -> TaskTimeouts {
        TaskTimeouts(
            scheduleToStart: try optional { (reader) throws(Damaged) in try reader.duration() },
            startToClose: try optional { (reader) throws(Damaged) in try reader.duration() }
        )
    }

    /// Causes nest; a chain longer than this is cut when written and is damage when read: it must not exhaust the stack.
    static let maximumCauses = 32

    package mutating func failure() throws(Damaged) -> Failure { try failure(depth: 0) }

    private mutating func failure(depth: Int) throws(Damaged) -> Failure {
        guard depth <= Self.maximumCauses else { throw Damaged(description: "a failure has too many causes") }
        var failure = Failure(type: try string(), message: try string())
        let flags = try byte()
        failure.isNonRetriable = flags & 1 != 0
        if flags & 2 != 0 { failure.details = try string() }
        if flags & 4 != 0 { failure.cause = try self.failure(depth: depth + 1) }
        return failure
    }
}
