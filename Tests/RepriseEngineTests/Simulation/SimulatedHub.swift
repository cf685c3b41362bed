import Logging
import Reprise
import RepriseEngine
import RepriseKernel

/// A whole hub in one thread and one seed: partitions, broker, workers, observers, clients, a clock and every fault.
///
/// `run()` makes trouble for a while, heals everything, demands that all work ends, and checks design's invariants
/// from outside. What it finds wrong is in ``complaints``.
final class SimulatedHub {
    /// A message in an inbox.
    struct Letter {
        var message: InboundDelivery.Message
        /// The client's request behind it.
        var request: Int?
    }

    let seed: UInt64
    var random: SeededRandom
    let clock = SimulatedClock()
    let house = House()
    let limits: Limits
    let orchestrators: [String: RegisteredOrchestrator]
    let flaw: Flaw?
    private(set) var nodes: [SimulatedNode] = []
    var activities: [TaskMessage] = []
    var statuses: [StatusMessage] = []
    /// The incarnations that began with a start's tag, and those that ended, as observers were told.
    private(set) var begun: [String: Set<Int64>] = [:]
    private(set) var ended: Set<InstanceIdentity> = []
    var stories: [Story] = []
    var requests: [Request] = []
    var complaints: [String] = []
    /// Which call an idempotency key stands for, and the other way round.
    private var callOfKey: [String: String] = [:]
    private var keyOfCall: [String: String] = [:]
    var isHealed = false
    private(set) var restarts = 0

    init(seed: UInt64, flaw: Flaw? = nil) throws {
        self.seed = seed
        self.flaw = flaw
        random = SeededRandom(seed: seed)
        var limits = Limits()
        limits.customStatusBytes = 2_000
        limits.bodyBytes = 100_000
        self.limits = limits
        orchestrators = Load.registry(house)
        let count = Int.random(in: 1...3, using: &random)
        for number in 0..<count {
            let journal =
                if let flaw { try FlawedJournal(flaw, partition: number, of: count) } else {
                    try MemoryJournal(partition: number, of: count)
                }
            nodes.append(SimulatedNode(journal: journal, flaw: flaw))
        }
        for index in 0..<Int.random(in: 3...8, using: &random) { stories.append(Story(index, &random)) }
    }

    func complain(_ text: String) { complaints.append(text) }

    func run() {
        for _ in 0..<120 { step() }
        heal()
        var patience = 3_000
        while !isQuiet, patience > 0, complaints.count < 20 {
            step()
            patience -= 1
        }
        check()
        for node in nodes { node.partition?.close() }
        if house.inside != 0 { complain("\(house.inside) orchestrators are still in memory after their partitions") }
    }

    private func step() {
        tick()
        converse()
        for node in nodes.shuffled(using: &random) {
            deliverWire(of: node)
            turn(node)
        }
        work()
    }

    private func tick() {
        clock.advance(by: .milliseconds(Int.random(in: 0...300, using: &random)))
        if isHealed {
            clock.advance(by: .milliseconds(700))
        } else if random.chance(3) {
            clock.advance(by: .seconds(Int.random(in: -40...40, using: &random)))
        }
    }

    private func heal() {
        isHealed = true
        clock.set(clock.latest)
        // Also those whose node lacked some code.
        for node in nodes { crash(node) }
    }

    // MARK: A node's step

    private func turn(_ node: SimulatedNode) {
        guard let partition = node.partition else {
            if isHealed || random.chance(60) { begin(node) }
            return
        }
        let count = partition.isCongested ? 0 : min(node.inbox.count, Int.random(in: 0...6, using: &random))
        var deliveries: [InboundDelivery] = []
        for letter in node.inbox.prefix(count) {
            node.lastTag += 1
            node.unacked.append((node.lastTag, letter))
            deliveries.append(delivery(letter, tag: node.lastTag))
        }
        node.inbox.removeFirst(count)
        node.outcomes.shuffle(using: &random)
        let settled = Int.random(in: 0...node.outcomes.count, using: &random)
        let settlements = Array(node.outcomes.prefix(settled))
        node.outcomes.removeFirst(settled)
        if flaw == .acknowledgesBeforeCommit { acknowledge(deliveries.last?.tag, node) }
        if !isHealed {
            node.journal.fate =
                switch Int.random(in: 0..<100, using: &random) {
                case 0..<3: .lost
                case 3..<6: .unheard
                case 6..<8: .full
                default: .kept
                }
        }
        do {
            if deliveries.isEmpty, settlements.isEmpty, random.chance(30) {
                try partition.flush()
                return
            }
            carryOut(try partition.handle(deliveries, settlements: settlements), node)
        } catch {
            crash(node)
        }
    }

    private func begin(_ node: SimulatedNode) {
        restarts += 1
        var settings = PartitionSettings()
        settings.limits = limits
        settings.maximumLiveSessions = [1, 2, 5, 1_000].randomElement(using: &random) ?? 1
        settings.maximumUnconfirmed = [3, 20, 1_000].randomElement(using: &random) ?? 3
        var known = orchestrators
        // A node whose code is older or newer than its journal.
        if !isHealed, random.chance(15), let missing = known.keys.sorted().randomElement(using: &random) {
            known[missing] = nil
        }
        if !isHealed, random.chance(10) {
            node.journal.fate = [.lost, .unheard].randomElement(using: &random) ?? .lost
        }
        let ahead: Duration = flaw == .runsAheadOfTheClock ? .seconds(5) : .zero
        do {
            let partition = try Partition(
                journal: node.journal,
                log: nil,
                orchestrators: known,
                settings: settings,
                environment: PartitionEnvironment(
                    wallClock: { [clock] in clock.now + ahead },
                    makeSecret: { [sequence] in sequence.next() }
                ),
                marker: RememberedMarker(),
                logger: Logger(label: "simulation", factory: { _ in SwiftLogNoOpLogHandler() })
            )
            node.partition = partition
            var effects = try partition.begin(epoch: partition.progress.epoch + 1)
            if flaw == .publishesNothingAgain { effects.publish = [] }
            carryOut(effects, node)
        } catch {
            crash(node)
        }
    }

    private lazy var sequence = SecretSequence(seed: ~seed)

    /// Acks, publishes, answers; the process may die at each boundary.
    private func carryOut(_ effects: Partition.Effects, _ node: SimulatedNode) {
        func dies() -> Bool { !isHealed && random.chance(2) }
        if dies() { return crash(node) }
        acknowledge(effects.acknowledgeThrough, node)
        noteRefusals(effects.answers)
        if dies() { return crash(node) }
        for message in effects.publish {
            if random.chance(1), dies() { return crash(node) }
            verify(message, node)
            node.wire.append(message)
        }
        if dies() { return crash(node) }
        hear(effects.answers)
    }

    private func acknowledge(_ tag: UInt64?, _ node: SimulatedNode) {
        guard var tag else { return }
        if flaw == .acknowledgesTooMuch, random.chance(30), !node.inbox.isEmpty {
            tag += 1
            node.inbox.removeFirst()
        }
        node.unacked.removeAll { $0.tag <= tag }
    }

    /// The process is gone. What it had written to its socket may still arrive; what it had not acked comes again.
    private func crash(_ node: SimulatedNode) {
        node.partition?.close()
        node.partition = nil
        node.journal.fate = .kept
        for message in node.wire.prefix(Int.random(in: 0...node.wire.count, using: &random)) { arrive(message, node) }
        node.wire = []
        // Now and then a confirm for the former owner is still on its way when the next begins.
        node.outcomes = random.chance(20) ? node.outcomes.filter { $0.outcome == .confirmed } : []
        node.inbox.insert(contentsOf: node.unacked.map(\.letter), at: 0)
        node.unacked = []
    }

    private func delivery(_ letter: Letter, tag: UInt64) -> InboundDelivery {
        InboundDelivery(
            tag: tag,
            message: letter.message,
            replyTo: letter.request.map { ReplyAddress(queue: "clients", correlation: "\($0)") },
            size: 100,
            original: NotedOriginal(text: letter.request.map { "\($0)" } ?? "result")
        )
    }

    // MARK: The broker

    private func deliverWire(of node: SimulatedNode) {
        guard node.partition != nil else { return }
        let count = isHealed ? node.wire.count : Int.random(in: 0...node.wire.count, using: &random)
        for message in node.wire.prefix(count) {
            if !isHealed, random.chance(4) {
                node.outcomes.append(
                    OutboundSettlement(
                        number: message.number,
                        outcome: flaw == .takesReturnedForSent ? .confirmed : .undeliverable(reason: "returned")
                    )
                )
            } else {
                arrive(message, node)
                node.outcomes.append(OutboundSettlement(number: message.number, outcome: .confirmed))
            }
        }
        node.wire.removeFirst(count)
    }

    private func arrive(_ message: Outbound, _ node: SimulatedNode) {
        switch message.message {
        case .status(let status): observe(status)
        case .deadLetter(let letter): regret(letter)
        case .task(let task):
            note(task, node)
            activities.append(task)
        }
    }

    private func observe(_ status: StatusMessage) {
        statuses.append(status)
        if status.kind == .started,
            let order = try? PayloadCoding.decode(Order.self, from: status.payload, as: "an order")
        {
            begun[order.tag, default: []].insert(status.incarnation)
        }
        if status.kind.isEnd {
            ended.insert(InstanceIdentity(instance: status.instance, incarnation: status.incarnation))
        }
    }

    func publish(_ letter: Letter, to instance: InstanceID) {
        let node = nodes[PartitionNumber(of: instance, count: nodes.count).value]
        node.inbox.append(letter)
        // A start that has no message id may run twice when it is sent twice: so it is written, and nobody does.
        if case .command(let command) = letter.message, command.messageID == nil { return }
        if !isHealed, random.chance(8) { node.inbox.append(letter) }
    }

    // MARK: Workers

    private func work() {
        for _ in 0..<(isHealed ? activities.count : Int.random(in: 0...min(4, activities.count), using: &random)) {
            guard !activities.isEmpty else { return }
            let task = activities.remove(at: Int.random(in: 0..<activities.count, using: &random))
            if !isHealed, random.chance(10) {
                // The worker died: before its answer, or between its answer and its ack.
                activities.append(task)
                if random.chance(50) { continue }
            }
            var token = task.token
            if !isHealed, random.chance(5) {
                token.secret.high += 1
                publish(answer(task, token), to: task.instance)
            }
            publish(answer(task, task.token), to: task.instance)
        }
    }

    private func answer(_ task: TaskMessage, _ token: TaskToken) -> Letter {
        Letter(
            message: .result(TaskResult(instance: task.instance, token: token, outcome: Load.outcome(of: task.task))),
            request: nil
        )
    }

    private func note(_ task: TaskMessage, _ node: SimulatedNode) {
        guard let job = try? PayloadCoding.decode(Job.self, from: task.task.input, as: "a job") else {
            return complain("a task without a job")
        }
        let key = "\(node.journal.identity.partition)/\(task.task.key)"
        let call = "\(task.incarnation)/\(job.call)"
        if let other = callOfKey.updateValue(call, forKey: key), other != call {
            complain("the idempotency key \(key) serves both \(other) and \(call)")
        }
        if let other = keyOfCall.updateValue(key, forKey: call), other != key {
            complain("the call \(call) was given both keys \(other) and \(key)")
        }
    }
}

/// Secrets of tasks, from the seed.
final class SecretSequence: @unchecked Sendable {
    // Proof of Sendable: a simulation runs on one thread.
    private var random: SeededRandom
    init(seed: UInt64) { random = SeededRandom(seed: seed) }
    func next() -> TaskSecret { TaskSecret(high: random.next() >> 1, low: random.next()) }
}
