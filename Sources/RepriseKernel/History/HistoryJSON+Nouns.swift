// What events contain, written into their objects and read back. Defaults are left out.

// MARK: How executions begin

extension JSONObject {
    mutating func add(_ start: ExecutionStart) {
        add("name", start.name)
        add("input", start.input)
        if let version = start.traits.version { add("version", version) }
        add("tags", tags: start.traits.tags)
        if let parent = start.traits.parent { add("parent", parent.value) }
        if let startTime = start.traits.startTime { add("startTime", startTime) }
        if let parent = start.parent { add("parentTask", JSONObject(parent)) }
        if start.generation != 0 { add("generation", start.generation) }
        if start.lastTask.value != 0 { add("lastTask", start.lastTask.value) }
        if !start.customStatus.isNull { add("customStatus", start.customStatus) }
    }

    mutating func add(_ cancellation: Cancellation) {
        add("reason", cancellation.reason)
        add("grace", cancellation.grace)
        if cancellation.children { add("children", true) }
        if let deadline = cancellation.deadline { add("deadline", deadline) }
    }

    mutating func add(_ request: StartRequest) {
        add("name", request.orchestrator)
        add("input", request.input)
        if let version = request.version { add("version", version) }
        add("tags", tags: request.tags)
        if let startTime = request.startTime { add("startTime", startTime) }
        if request.existing != .replaceEnded { add("existing", request.existing.rawValue) }
        if let event = request.event {
            var object = JSONObject()
            object.add("name", event.name)
            object.add("payload", event.payload)
            add("raises", object)
        }
        if let parent = request.parent { add("parentTask", JSONObject(parent)) }
        if let status = request.customStatus { add("customStatus", status) }
        if request.takesUp { add("takesUp", true) }
    }
}

extension JSONFields {
    func executionStart() throws(HistoryJSON.Problem) -> ExecutionStart {
        ExecutionStart(
            name: try text("name"),
            input: try payload("input"),
            traits: InstanceTraits(
                version: try textIfGiven("version"),
                tags: try tags("tags"),
                parent: try instanceIfGiven("parent"),
                startTime: try timeIfGiven("startTime")
            ),
            parent: try taskAddressIfGiven("parentTask"),
            generation: try integerIfGiven("generation") ?? 0,
            lastTask: TaskID(try integerIfGiven("lastTask") ?? 0),
            customStatus: value("customStatus")?.payload ?? .null
        )
    }

    func cancellation() throws(HistoryJSON.Problem) -> Cancellation {
        guard let grace = try durationIfGiven("grace") else { throw missing("grace", "a duration") }
        return Cancellation(
            reason: try payload("reason"),
            grace: grace,
            children: try flag("children"),
            deadline: try timeIfGiven("deadline")
        )
    }

    func startRequest() throws(HistoryJSON.Problem) -> StartRequest {
        let event = try fieldsIfGiven("raises")
        return StartRequest(
            orchestrator: try text("name"),
            input: try payload("input"),
            version: try textIfGiven("version"),
            tags: try tags("tags"),
            startTime: try timeIfGiven("startTime"),
            existing: try existing(),
            event: try event.map { (event) throws(HistoryJSON.Problem) in
                StartRequest.Event(name: try event.text("name"), payload: try event.payload("payload"))
            },
            customStatus: value("customStatus")?.payload,
            parent: try taskAddressIfGiven("parentTask"),
            takesUp: try flag("takesUp")
        )
    }

    private func existing() throws(HistoryJSON.Problem) -> StartRequest.Existing {
        guard let word = try textIfGiven("existing") else { return .replaceEnded }
        guard let existing = StartRequest.Existing(rawValue: word) else {
            throw problem("'existing' is not 'replace', 'refuse' or 'use'")
        }
        return existing
    }
}

// MARK: Tasks

extension JSONObject {
    init(_ address: TaskAddress) {
        self.init()
        add(address)
    }

    mutating func add(_ address: TaskAddress) {
        add("instance", address.instance.value)
        add("token", address.token.description)
    }

    mutating func add(_ task: ScheduledTask) {
        add("task", task.id.value)
        add("name", task.name)
        add("input", task.input)
        switch task.target {
        case .activity: break
        case .orchestration(let instance, let version, let tags, let takesUp, let policy):
            var target = JSONObject()
            target.add("instance", instance.value)
            if let version { target.add("version", version) }
            target.add("tags", tags: tags)
            if takesUp { target.add("takesUp", true) }
            if policy != .abandon { target.add("parentClose", policy.rawValue) }
            add("orchestration", target)
        case .entity(let entity, let section):
            add("entity", entity.description)
            if let section {
                add("section", section.task.value)
                if section.attempt != 1 { add("sectionAttempt", section.attempt) }
            }
        case .lock(let entities): add("lock", entities)
        }
        if let limit = task.timeouts.scheduleToStart { add("scheduleToStart", limit) }
        if let limit = task.timeouts.startToClose { add("startToClose", limit) }
        if let limit = task.timeouts.heartbeat { add("heartbeat", limit) }
        add("attempt", task.attempt)
        if let progress = task.progress { add("progress", progress) }
        add("key", task.key.number.rawValue)
        if task.key.life != 0 { add("life", task.key.lifeText) }
        add("secret", task.secret.text)
    }

    mutating func add(_ outcome: TaskResult.Outcome) {
        switch outcome {
        case .completed(let result): add("result", result)
        case .failed(let failure): add("failure", JSONObject(failure))
        case .started: add("started", true)
        case .granted(let entities): add("granted", entities)
        }
    }

    init(_ failure: Failure) {
        self.init()
        add("type", failure.type)
        add("message", failure.message)
        if let details = failure.details { add("details", details) }
        if failure.isNonRetriable { add("nonRetriable", true) }
        if let cause = failure.cause { add("cause", JSONObject(cause)) }
    }
}

extension JSONFields {
    func taskAddress() throws(HistoryJSON.Problem) -> TaskAddress {
        guard let token = TaskToken(try text("token")) else { throw missing("token", "a task's token") }
        return TaskAddress(instance: try instance("instance"), token: token)
    }

    func taskAddressIfGiven(_ name: String) throws(HistoryJSON.Problem) -> TaskAddress? {
        try fieldsIfGiven(name).map { (fields) throws(HistoryJSON.Problem) in try fields.taskAddress() }
    }

    func scheduledTask() throws(HistoryJSON.Problem) -> ScheduledTask {
        guard let attempt = Int(exactly: try integer("attempt")) else { throw missing("attempt", "a number") }
        guard let secret = TaskSecret(try text("secret")) else {
            throw missing("secret", "32 hexadecimal digits")
        }
        var task = ScheduledTask(
            id: try self.task("task"),
            name: try text("name"),
            input: try payload("input"),
            target: try target(),
            timeouts: TaskTimeouts(
                scheduleToStart: try durationIfGiven("scheduleToStart"),
                startToClose: try durationIfGiven("startToClose"),
                heartbeat: try durationIfGiven("heartbeat")
            ),
            attempt: attempt,
            key: TaskKey(OutboundNumber(rawValue: try integer("key")), life: try life()),
            secret: secret
        )
        if value("progress") != nil { task.progress = try payload("progress") }
        return task
    }

    /// The life of a task's key, or of a message; 0 if absent.
    func life() throws(HistoryJSON.Problem) -> UInt64 {
        guard let text = try textIfGiven("life") else { return 0 }
        guard text.utf8.count == 16, let life = UInt64(text, radix: 16) else {
            throw missing("life", "16 hexadecimal digits")
        }
        return life
    }

    private func target() throws(HistoryJSON.Problem) -> TaskTarget {
        if let target = try fieldsIfGiven("orchestration") {
            return .orchestration(
                try target.instance("instance"),
                version: try target.textIfGiven("version"),
                tags: try target.tags("tags"),
                takesUp: try target.flag("takesUp"),
                parentClose: try target.parentClose()
            )
        }
        if value("entity") != nil {
            let attempt = Int(clamping: try integerIfGiven("sectionAttempt") ?? 1)
            return .entity(
                try entity("entity"),
                section: try integerIfGiven("section").map { LockNumber(TaskID($0), attempt: attempt) }
            )
        }
        return value("lock") == nil ? .activity : .lock(try entities("lock"))
    }

    private func parentClose() throws(HistoryJSON.Problem) -> ParentClosePolicy {
        guard let word = try textIfGiven("parentClose") else { return .abandon }
        guard let policy = ParentClosePolicy(rawValue: word) else {
            throw problem("'parentClose' is not 'abandon', 'cancel' or 'terminate'")
        }
        return policy
    }

    func outcome() throws(HistoryJSON.Problem) -> TaskResult.Outcome {
        if let failure = try fieldsIfGiven("failure") { return .failed(try failure.failure()) }
        if value("granted") != nil { return .granted(try entities("granted")) }
        return try flag("started") ? .started : .completed(try payload("result"))
    }

    func failure() throws(HistoryJSON.Problem) -> Failure {
        var causes: [JSONFields] = []
        var next = try fieldsIfGiven("cause")
        while let cause = next {
            causes.append(cause)
            next = try cause.fieldsIfGiven("cause")
        }
        var behind: Failure?
        for cause in causes.reversed() { behind = try cause.failure(causedBy: behind) }
        return try failure(causedBy: behind)
    }

    private func failure(causedBy cause: Failure?) throws(HistoryJSON.Problem) -> Failure {
        Failure(
            type: try text("type"),
            message: try text("message"),
            details: try textIfGiven("details"),
            isNonRetriable: try flag("nonRetriable"),
            cause: cause
        )
    }
}

extension TaskSecret {
    /// 32 hexadecimal digits.
    fileprivate var text: String {
        DerivedIdentity.hex(
            [high, low].flatMap { half in
                stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> UInt64($0)) }
            }
        )
    }

    fileprivate init?(_ text: String) {
        guard text.utf8.count == 32, let high = UInt64(text.prefix(16), radix: 16),
            let low = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }
}

// MARK: Messages

extension JSONObject {
    mutating func add(_ action: Command.Action) {
        add("kind", action.verb.rawValue)
        switch action {
        case .start(let request): add(request)
        case .raiseEvent(let name, let payload):
            add("name", name)
            add("payload", payload)
        case .terminate(let reason, let children, let parent):
            add("reason", reason)
            if children { add("children", true) }
            if let parent { add("childOf", JSONObject(parent)) }
        case .cancel(let reason, let grace, let children, let parent):
            add("reason", reason)
            if let grace { add("grace", grace) }
            if children { add("children", true) }
            if let parent { add("childOf", JSONObject(parent)) }
        case .suspend(let reason), .resume(let reason), .rewind(let reason): add("reason", reason)
        case .resend: break
        case .restart(let instance): if let instance { add("as", instance.value) }
        case .purge(let children, let parent):
            if children { add("children", true) }
            if let parent { add("childOf", JSONObject(parent)) }
        case .operate(let request): add(request)
        }
    }

    mutating func add(_ request: EntityRequest) {
        switch request.kind {
        case .operation(let name, let input):
            add("operation", name)
            add("input", input)
        case .lock(let entities): add("lock", entities)
        case .unlock: add("unlock", true)
        }
        if let caller = request.caller { add("caller", JSONObject(caller)) }
        if let section = request.section { add("section", section.description) }
        if let due = request.due { add("due", due) }
    }

    mutating func add(_ state: EntityState) {
        if let state = state.state { add("state", state) }
        if let section = state.section { add("section", section.description) }
        add("lastOperationTime", state.lastOperationTime)
    }
}

extension JSONFields {
    func action() throws(HistoryJSON.Problem) -> Command.Action {
        let kind = try text("kind")
        switch kind {
        case "start": return .start(try startRequest())
        case "event": return .raiseEvent(name: try text("name"), try payload("payload"))
        case "terminate":
            return .terminate(
                reason: try payload("reason"),
                children: try flag("children"),
                childOf: try taskAddressIfGiven("childOf")
            )
        case "cancel":
            return .cancel(
                reason: try payload("reason"),
                grace: try durationIfGiven("grace"),
                children: try flag("children"),
                childOf: try taskAddressIfGiven("childOf")
            )
        case "suspend": return .suspend(reason: try payload("reason"))
        case "resume": return .resume(reason: try payload("reason"))
        case "rewind": return .rewind(reason: try payload("reason"))
        case "resend": return .resend
        case "restart": return .restart(as: try instanceIfGiven("as"))
        case "purge":
            return .purge(children: try flag("children"), childOf: try taskAddressIfGiven("childOf"))
        case "entity": return .operate(try entityRequest())
        default: throw problem("a message of the kind '\(kind.prefix(60))' is not known to this program")
        }
    }

    func entityRequest() throws(HistoryJSON.Problem) -> EntityRequest {
        EntityRequest(
            try requestKind(),
            caller: try taskAddressIfGiven("caller"),
            section: try section(),
            due: try timeIfGiven("due")
        )
    }

    private func requestKind() throws(HistoryJSON.Problem) -> EntityRequest.Kind {
        if try flag("unlock") { return .unlock }
        if value("lock") != nil { return .lock(try entities("lock")) }
        return .operation(name: try text("operation"), input: try payload("input"))
    }

    func entityState() throws(HistoryJSON.Problem) -> EntityState {
        EntityState(
            state: value("state")?.payload,
            section: try section(),
            lastOperationTime: try time("lastOperationTime")
        )
    }

    private func section() throws(HistoryJSON.Problem) -> CriticalSection? {
        guard let text = try textIfGiven("section") else { return nil }
        guard let section = CriticalSection(text) else { throw missing("section", "a critical section") }
        return section
    }
}
