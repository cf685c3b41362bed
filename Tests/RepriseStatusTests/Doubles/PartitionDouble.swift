import RepriseEngine
import RepriseKernel
import Synchronization

/// One partition as the read model sees it: what changes in it is told once, and it answers what it holds.
///
/// Its state is the truth that the model must end up with.
struct PartitionDouble: Sendable {
    let partition: PartitionNumber
    var journal: JournalID = "journal-1"
    var epoch: Epoch = 1
    private(set) var sequence: StatusSequenceNumber = 0
    private(set) var instances: [InstanceID: (key: InstanceKey, status: InstanceStatus)] = [:]
    private var nextKey: InstanceKey = 1
    private var commits: CommitNumber = 0

    init(partition: PartitionNumber) { self.partition = partition }

    mutating func start(
        _ id: InstanceID,
        _ kind: StatusMessage.Kind = .started,
        input: Payload = .null,
        traits: InstanceTraits = InstanceTraits()
    ) -> StatusMessage {
        commits += 1
        let time = Timestamp(milliseconds: 1_600_000_000_000 + commits.rawValue * 1000)
        let status = InstanceStatus(
            instance: id,
            name: id.entity?.name ?? "Hello",
            incarnation: Incarnation(begunBy: commits),
            version: 0,
            runtimeStatus: kind == .scheduled ? .pending : .running,
            input: input,
            customStatus: .null,
            output: .null,
            failure: nil,
            createdTime: time,
            lastUpdatedTime: time,
            partition: partition,
            sequence: 0,
            traits: traits
        )
        instances[id] = (nextKey, status)
        nextKey += 1
        if kind == .entityChanged { instances[id]!.status.customStatus = input }
        return tell(id, kind, payload: input)
    }

    mutating func change(_ id: InstanceID, _ kind: StatusMessage.Kind, payload: Payload = .null) -> StatusMessage {
        commits += 1
        switch kind {
        case .customStatusSet, .entityChanged: instances[id]!.status.customStatus = payload
        case .started, .continuedAsNew:
            instances[id]!.status.runtimeStatus = .running
            instances[id]!.status.input = payload
        case .completed: instances[id]!.status.runtimeStatus = .completed
        case .canceled: instances[id]!.status.runtimeStatus = .canceled
        case .terminated: instances[id]!.status.runtimeStatus = .terminated
        case .suspended: instances[id]!.status.runtimeStatus = .suspended
        case .resumed: instances[id]!.status.runtimeStatus = .running
        default: break
        }
        if kind == .completed || kind == .canceled || kind == .terminated { instances[id]!.status.output = payload }
        let message = tell(id, kind, payload: payload)
        if kind == .purged { instances[id] = nil }
        return message
    }

    private mutating func tell(_ id: InstanceID, _ kind: StatusMessage.Kind, payload: Payload) -> StatusMessage {
        sequence += 1
        instances[id]!.status.version += 1
        instances[id]!.status.sequence = sequence
        let time = Timestamp(milliseconds: 1_600_000_000_000 + commits.rawValue * 1000)
        instances[id]!.status.lastUpdatedTime = time
        let status = instances[id]!.status
        return StatusMessage(
            kind: kind,
            instance: id,
            name: status.name,
            incarnation: status.incarnation,
            version: status.version,
            partition: partition,
            sequence: sequence,
            epoch: epoch,
            time: time,
            createdTime: status.createdTime,
            payload: payload,
            traits: [.scheduled, .started, .continuedAsNew].contains(kind) ? status.traits : nil
        )
    }

    func answer(_ query: Query) -> Answer {
        switch query {
        case .status(let id, _): return .status(instances[id]?.status, history: [])
        case .changes: return .rejected(Rejection(.invalid, "a read model asks for histories"))
        case .health:
            return .health(
                PartitionHealth(
                    partition: partition,
                    node: "node",
                    journal: journal,
                    epoch: epoch,
                    commits: commits,
                    sequence: sequence,
                    instances: Int64(instances.count),
                    liveSessions: 0,
                    unconfirmed: 0,
                    retrying: 0,
                    armedTimers: 0,
                    droppedResults: 0
                )
            )
        case .instances(let cursor, let limit):
            let rows = instances.values.filter { $0.key > cursor }.sorted { $0.key < $1.key }.prefix(limit)
            let next = rows.count == limit ? rows.last?.key : nil
            return .instances(InstancePage(statuses: rows.map(\.status), next: next, sequence: sequence))
        }
    }
}

/// A hub whose partitions are doubles; `onAsk` runs before each answer, so that a test can let the world go on.
final class HubDouble: HubClient {
    let hub = try! HubName("test")
    let partitionCount: Int
    let partitions: Mutex<[PartitionDouble]>
    private let asked = Mutex<[(PartitionNumber, Query)]>([])
    private struct Hook {
        var run: @Sendable (PartitionNumber, Query) async -> String? = { _, _ in nil }
    }

    private let hook = Mutex(Hook())

    init(partitionCount: Int = 1) {
        self.partitionCount = partitionCount
        partitions = Mutex((0..<partitionCount).map { PartitionDouble(partition: PartitionNumber($0)) })
    }

    /// The hook's text, if any, is why the partition gives no answer.
    func onAsk(_ hook: @escaping @Sendable (PartitionNumber, Query) async -> String?) {
        self.hook.withLock { $0.run = hook }
    }

    var sweptPages: Int {
        asked.withLock { $0.count { if case .instances = $0.1 { true } else { false } } }
    }

    @discardableResult
    func change<Value: Sendable>(_ number: Int = 0, _ body: @Sendable (inout PartitionDouble) -> Value) -> Value {
        partitions.withLock { body(&$0[number]) }
    }

    func send(_ command: Command, ordered: Bool) async throws(HubUnavailable) -> Answer {
        throw HubUnavailable("this double takes no commands")
    }

    func ask(_ query: Query, partition: PartitionNumber) async throws(HubUnavailable) -> Answer {
        let hook = hook.withLock { $0.run }
        if let reason = await hook(partition, query) { throw HubUnavailable(reason) }
        asked.withLock { $0.append((partition, query)) }
        return partitions.withLock { $0[partition.value].answer(query) }
    }
}
