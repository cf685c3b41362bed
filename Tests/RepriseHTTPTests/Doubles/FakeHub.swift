import RepriseEngine
import RepriseKernel
import Synchronization

/// A hub that holds its instances in a dictionary and judges commands as a partition does.
final class FakeHub: HubClient, ClusterSource {
    struct State {
        var instances: [InstanceID: InstanceStatus] = [:]
        var history: [InstanceID: [HistoryRecord]] = [:]
        var orchestrators: Set<String> = ["Hello", "E1_HelloSequence"]
        var entities: Set<String> = ["counter"]
        /// The keys of starts that were accepted, behind their instances.
        var keys: Set<String> = []
        /// Instances whose start is still on its way through the intake.
        var inIntake: Set<InstanceID> = []
        var unavailable: String?
        /// How long a question waits for its answer.
        var silence: Duration?
        var sent: [(command: Command, ordered: Bool)] = []
        var asked: [Query] = []
        var commits: CommitNumber = 0
        var refusal: Rejection?
    }

    /// What the nodes have said; nil when none can be heard.
    let view = Mutex<ClusterView?>(nil)
    /// What waits for workers; nil when no one can say.
    let queues = Mutex<[ActivityBacklog]?>(nil)
    let letters = FakeLetters()
    let hub = try! HubName("demo")
    let partitionCount = 4
    let state = Mutex(State())

    var sent: [(command: Command, ordered: Bool)] { state.withLock { $0.sent } }

    func cluster() async throws(HubUnavailable) -> ClusterReport {
        guard let view = view.withLock({ $0 }) else { throw HubUnavailable("the nodes cannot be heard") }
        return ClusterReport(view, at: .seconds(10))
    }

    func activities() async throws(HubUnavailable) -> [ActivityBacklog] {
        guard let queues = queues.withLock({ $0 }) else { throw HubUnavailable("the queues cannot be seen") }
        return queues
    }

    func send(_ command: Command, ordered: Bool) async throws(HubUnavailable) -> Answer {
        try state.withLock { state throws(HubUnavailable) in
            if let reason = state.unavailable { throw HubUnavailable(reason) }
            state.sent.append((command, ordered))
            if let refusal = state.refusal { return .rejected(refusal) }
            state.commits += 1
            return Self.judge(command, ordered, &state)
        }
    }

    private static func judge(_ command: Command, _ ordered: Bool, _ state: inout State) -> Answer {
        let id = command.instance
        var known = state.inIntake.contains(id) && !ordered ? nil : state.instances[id]
        switch command.action {
        case .start(let request): return start(request, command, known, &state)
        case .operate(let request): return operate(request, on: id, &state)
        default: break
        }
        guard known != nil else { return .rejected(Rejection(.unknownInstance, "there is no instance '\(id)'")) }
        if case .restart = command.action {
            guard known!.runtimeStatus.isEnded else {
                return .rejected(Rejection(.alreadyExists, "instance '\(id)' is running"))
            }
            state.instances[id] = .sample(
                id,
                name: known!.name,
                incarnation: Incarnation(begunBy: state.commits),
                input: known!.input
            )
            return .accepted(id)
        }
        if case .purge = command.action {
            guard known!.runtimeStatus.isEnded else {
                return .rejected(Rejection(.notEnded, "instance '\(id)' is running"))
            }
            state.instances[id] = nil
            return .accepted(id)
        }
        if case .rewind = command.action, known!.runtimeStatus == .failed {
            known!.runtimeStatus = .running
            state.instances[id] = known
            return .accepted(id)
        }
        guard !known!.runtimeStatus.isEnded else { return .rejected(Rejection(.ended, "instance '\(id)' has ended")) }
        switch command.action {
        case .terminate(let reason, _, _):
            known!.runtimeStatus = .terminated
            known!.output = reason
        case .cancel(let reason, _, _, _):
            known!.runtimeStatus = .canceled
            known!.output = reason
        case .suspend:
            guard known!.runtimeStatus != .suspended else {
                return .rejected(Rejection(.alreadySuspended, "instance '\(id)' is already suspended"))
            }
            known!.runtimeStatus = .suspended
        case .resume:
            guard known!.runtimeStatus == .suspended else {
                return .rejected(Rejection(.notSuspended, "instance '\(id)' is not suspended"))
            }
            known!.runtimeStatus = .running
        case .rewind: return .rejected(Rejection(.notFailed, "instance '\(id)' is running"))
        case .resend: return .counted(id, 3)
        case .raiseEvent(let name, _):
            let awaited = known!.waitingFor ?? []
            if !awaited.contains(name) { return .accepted(id, waitingFor: awaited) }
        case .start, .purge, .restart, .operate: break
        }
        known!.version += 1
        state.instances[id] = known
        return .accepted(id)
    }

    private static func start(
        _ request: StartRequest,
        _ command: Command,
        _ known: InstanceStatus?,
        _ state: inout State
    ) -> Answer {
        let id = command.instance
        let (name, input) = (request.orchestrator, request.input)
        guard state.orchestrators.contains(name) else {
            return .rejected(Rejection(.unknownOrchestrator, "there is no orchestrator '\(name)'"))
        }
        let key = command.messageID.map { "\(id) \($0)" }
        if let key, state.keys.contains(key) { return .accepted(id) }
        if let known, request.existing == .use || request.existing == .refuse || !known.runtimeStatus.isEnded {
            if request.existing == .use { return .accepted(id) }
            return .rejected(Rejection(.alreadyExists, "an instance '\(id)' already exists"))
        }
        if let key { state.keys.insert(key) }
        state.instances[id] = .sample(
            id,
            name: name,
            .running,
            incarnation: Incarnation(begunBy: state.commits),
            input: input
        )
        return .accepted(id)
    }

    private static func operate(_ request: EntityRequest, on id: InstanceID, _ state: inout State) -> Answer {
        guard let name = id.entity?.name, state.entities.contains(name) else {
            return .rejected(Rejection(.unknownEntity, "there is no entity '\(id)'"))
        }
        if case .operation(let operation, let input) = request.kind {
            state.instances[id] = .sample(id, name: name, customStatus: input)
            if operation == "delete" { state.instances[id] = nil }
        }
        return .accepted(id)
    }

    func ask(_ query: Query, partition: PartitionNumber) async throws(HubUnavailable) -> Answer {
        if let silence = state.withLock({ $0.silence }) { try? await Task.sleep(for: silence) }
        return try state.withLock { state throws(HubUnavailable) in
            if let reason = state.unavailable { throw HubUnavailable(reason) }
            state.asked.append(query)
            guard case .status(let id, let history) = query else { return .rejected(Rejection(.invalid, "not here")) }
            return .status(state.instances[id], history: history ? state.history[id] ?? [] : [])
        }
    }

    func put(_ status: InstanceStatus) { state.withLock { $0.instances[status.instance] = status } }
}

extension InstanceStatus {
    static func sample(
        _ id: InstanceID,
        name: String = "Hello",
        _ status: RuntimeStatus = .running,
        incarnation: Incarnation = 1,
        input: Payload = .null,
        customStatus: Payload = .null,
        output: Payload = .null,
        created: Int64 = 1_570_386_624_567
    ) -> InstanceStatus {
        InstanceStatus(
            instance: id,
            name: name,
            incarnation: incarnation,
            version: 1,
            runtimeStatus: status,
            input: input,
            customStatus: customStatus,
            output: output,
            failure: nil,
            createdTime: Timestamp(milliseconds: created),
            lastUpdatedTime: Timestamp(milliseconds: created + 3000),
            partition: PartitionNumber(of: id, count: 4),
            sequence: 1
        )
    }
}
