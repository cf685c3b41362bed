import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTestSupport

/// A broker that has lost all it had, and what becomes of that.
///
/// ```
///  tasks, and what instances ask of each other ──► sent again by the node that seeds the broker again
///  commands of clients ──────────────────────────► sent again by them: no one has answered
///  what instances tell each other ───────────────► gone for good. Here the test sends it again, and no more than it
///  answers to instances ─────────────────────────► given again, or the call fails with AnswerLost
/// ```
struct Wipes {
    /// Of their own: what happened before in a seed still happens there.
    var random: SeededRandom
    /// Answers that an instance has given to another.
    private var given: Set<TaskToken> = []
    /// The instances that waited for such an answer when the broker lost it.
    fileprivate(set) var unanswered: Set<InstanceID> = []
    /// Starts without a message id that a node had in hand, and how many dead letters there were of each.
    fileprivate var unsure: [(request: Int, letters: Int)] = []

    init(_ seed: UInt64) { random = SeededRandom(of: "wipe", seed) }

    mutating func note(_ answer: TaskResult) { given.insert(answer.token) }

    fileprivate mutating func lose(_ answer: TaskResult) {
        if given.contains(answer.token) { unanswered.insert(answer.instance) }
    }
}

extension SimulatedHub {
    /// A message on its way to an inbox.
    struct Mail {
        var message: InboundDelivery.Message
        var request: Int?
        /// The partition whose instance says it; nil for clients, workers, and what comes twice.
        var sender: PartitionNumber?
        var instance: InstanceID
        var due: Duration
    }

    /// The broker's disk is gone, and with it all queues, streams and records.
    func wipeBroker() {
        guard Int.random(in: 0..<300, using: &wipes.random) == 0, broker.isUp, let owners = ownersWithAll() else {
            return
        }
        note(.brokerWiped)
        // What is confirmed is in the journals alone now: those that have all of it go first, and keep their disks.
        for (partition, node) in owners { reserved[partition] = node.name }
        let letters = broker.wipe(for: .milliseconds(Int.random(in: 0...3_000, using: &wipes.random)))
        for partition in partitions { dues[partition] = nil }
        oracle.forgetLogs()
        mail =
            letters.compactMap { again($0.letter.message, $0.letter.request, wasDelivered: $0.wasDelivered) }
            + mail.compactMap { again($0.message, $0.request, wasDelivered: false) }
    }

    /// The owners whose journals have all that was ever confirmed; nil when some partition has none such just now.
    private func ownersWithAll() -> [(PartitionNumber, SimulatedNode)]? {
        guard hasLog else { return [] }
        var owners: [(PartitionNumber, SimulatedNode)] = []
        for partition in partitions {
            if broker.pointers[partition] == nil, nodes.allSatisfy({ $0.standings[partition] == nil }) { continue }
            guard let process = broker.owner(of: partition)?.owning.process, !process.isDead,
                isBest(process.node, partition), process.contenders[partition.value].replica.partition != nil
            else { return nil }
            owners.append((partition, process.node))
        }
        return owners
    }

    /// What is sent again by someone other than a node; nil when no one does.
    private func again(_ message: InboundDelivery.Message, _ request: Int?, wasDelivered: Bool) -> Mail? {
        switch message {
        case .result(let result): wipes.lose(result)
        case .command(let command) where remains(command, request, wasDelivered):
            return Mail(message: message, request: request, instance: command.instance, due: now)
        case .command, .progress, .query, .unusable: break
        }
        return nil
    }

    private func remains(_ command: Command, _ request: Int?, _ wasDelivered: Bool) -> Bool {
        guard let request else { return !command.action.isWaitedFor }
        if command.messageID != nil { return true }
        guard case .start = command.action else { return false }
        if wasDelivered { wipes.unsure.append((request, requests[request].letters)) }
        return !wasDelivered
    }

    /// A client that has sent a start without a message id looks whether it has begun before it sends it again.
    func startUnsure() {
        guard isHealed, now > healedAt + .seconds(90) else { return }
        for (index, letters) in wipes.unsure {
            let request = requests[index]
            guard observer.begun[request.tag ?? ""] == nil, request.letters == letters,
                !request.wasRefused, !has(request.command.instance)
            else { continue }
            publish(.command(request.command), request: index, to: request.command.instance)
        }
        wipes.unsure = []
    }

    private func has(_ instance: InstanceID) -> Bool {
        let contenders = nodes.compactMap { $0.process?.contenders[partition(of: instance).value] }
        guard let contender = contenders.first(where: { $0.replica.partition != nil }) else { return false }
        return (try? contender.process.journals[contender.partition]?.instance(instance)) != nil
    }
}

extension Command.Action {
    /// Whether an instance waits for what comes of it; a lock's release is asked for by the entity.
    fileprivate var isWaitedFor: Bool {
        switch self {
        case .start(let request): return request.parent != nil
        case .operate(let request):
            if case .unlock = request.kind { return true }
            return request.caller != nil
        default: return false
        }
    }
}
