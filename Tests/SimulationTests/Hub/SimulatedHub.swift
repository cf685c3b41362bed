import Reprise
import RepriseEngine
import RepriseKernel
import RepriseStatus
import RepriseTestOrchestrators
import RepriseTestSupport

/// A whole hub in one thread and one seed: nodes with disks, a broker, workers, clients, an observer, a clock, every fault.
///
/// ```
///  clients ──► inbox ──► owner: journal ◄─ log ─► standbys
///     ▲                    │ tasks, status, dead letters
///     └──── answers ◄──────┴──► workers, observer
/// ```
/// `run()` makes trouble for a while, heals everything, demands that all work ends, and checks design's invariants
/// from outside. What it finds wrong is in ``complaints``.
final class SimulatedHub {
    let seed: UInt64
    let flaw: Flaw?
    var random: SeededRandom
    /// Of their own: what happened before in a seed still happens there.
    var leaps: SeededRandom
    var begins: SeededRandom
    /// How snapshots are sliced: of its own, as it came later.
    var slices: SeededRandom
    var copies: SeededRandom
    var snapshots: SeededRandom
    /// A copy has taken a journal's place, and with it calls are made again that were made before.
    var isUndone = false
    var purges: Purges
    var wipes: Wipes
    let name: HubName
    let hasLog: Bool
    let partitions: [PartitionNumber]
    let orchestrators: [String: RegisteredOrchestrator]
    let entities: [String: RegisteredEntity]
    let limits: Limits
    let leaks = LeakCounter()
    let clock = SimulatedClock()
    /// Simulated time that no step of a wall clock touches.
    private(set) var now = Duration.zero
    private(set) var nodes: [SimulatedNode] = []
    private(set) lazy var broker = SimulatedBroker(self, partitions: partitions.count)
    private(set) lazy var oracle = Oracle(self)
    var coverage = Coverage()
    private(set) var complaints: [String] = []
    private(set) var isHealed = false
    private(set) var healedAt = Duration.zero
    var furthestLeap = Duration.zero
    /// When the last clock that was wrong is right again.
    var lastWrong = Duration.zero
    var wasBegunUnderAnotherClock = false
    /// The timers that are set, and when each is to have fired.
    var dues: [PartitionNumber: [TimerRow: (at: Duration, wait: Duration)]] = [:]

    /// What clients do and have heard.
    var stories: [Story] = []
    var requests: [Request] = []
    /// The starts whose brittle parts have been put right.
    var mended: Set<String> = []
    /// What instances sent to each other, by message id.
    var internals: [String: Internal] = [:]
    /// On their way to an inbox.
    var mail: [Mail] = []
    var observer = Observer()
    /// What workers were given.
    private(set) var handedOut: Set<Attempt> = []
    /// What is kept of reports whose tasks are open.
    var keptProgress: [PartitionNumber: KeptProgress] = [:]
    /// Which call an idempotency key stands for, and the other way round.
    private var callOfKey: [String: String] = [:]
    private var keyOfCall: [String: String] = [:]

    /// A partition whose log has lost its end: its last owner goes first.
    var reserved: [PartitionNumber: String] = [:]
    private var depth = 0
    private var journals = 0
    private(set) lazy var secrets = SecretSequence(seed: ~seed)

    init(seed: UInt64, flaw: Flaw? = nil) throws {
        name = try HubName("simulated")
        self.seed = seed
        self.flaw = flaw
        random = SeededRandom(seed: seed)
        leaps = SeededRandom(seed: ~seed)
        begins = SeededRandom(of: "clock", seed)
        slices = SeededRandom(of: "slices", seed)
        copies = SeededRandom(of: "copy", seed)
        snapshots = SeededRandom(of: "snapshot", seed)
        purges = Purges(seed)
        wipes = Wipes(seed)
        var limits = Limits()
        limits.customStatusBytes = 2_000
        limits.bodyBytes = 100_000
        self.limits = limits
        orchestrators = TestOrchestrators.registry(leaks)
        entities = TestOrchestrators.entities(limits)
        hasLog = random.chance(85)
        partitions = (0..<Int.random(in: 1...2, using: &random)).map { PartitionNumber($0) }
        for number in 0..<Int.random(in: 2...3, using: &random) {
            let skew = Duration.milliseconds(Int.random(in: -3000...0, using: &random))
            nodes.append(
                SimulatedNode(
                    "node-\(number)",
                    skew: skew,
                    snapshotLooks: { [weak self] in self?.snapshotLooks() ?? 0 }
                )
            )
        }
        for index in 0..<Int.random(in: 3...7, using: &random) { stories.append(Story(index, &random)) }
    }

    func complain(_ text: String) { complaints.append(text) }
    func note(_ happening: Happening) { coverage.note(happening) }

    func run() {
        for _ in 0..<110 { step() }
        heal()
        var roundsLeft = 1_500
        while !isQuiet || now < clocksKnown ?? now, roundsLeft > 0, complaints.count < 20 {
            step()
            roundsLeft -= 1
        }
        if !isQuiet, complaints.isEmpty { complain("after \(now) not all is quiet: \(unrest ?? "it is")") }
        check()
        restoreForGood()
        for node in nodes {
            node.process?.die()
            node.process?.turn()
        }
        if leaks.inside != 0 { complain("\(leaks.inside) orchestrators are still in memory after their partitions") }
    }

    // MARK: Time

    func step() {
        tick()
        if !isHealed { makeTrouble() }
        checkLateness()
        sayResend()
        startUnsure()
        passIdleTime()
        converse()
        carryMail()
        broker.step()
        for node in nodes.shuffled(using: &random) {
            if let process = node.process {
                process.turn()
            } else if isHealed || random.chance(30) {
                start(node)
            }
        }
        work()
    }

    func pass(_ duration: Duration) {
        now += duration
        clock.advance(by: duration)
    }

    private func tick() {
        pass(.milliseconds(Int.random(in: 20...350, using: &random)))
        for node in nodes {
            node.leap.end(at: now)
            node.lag.end(at: now)
        }
        if isHealed {
            pass(.milliseconds(400))
        } else if random.chance(3) {
            note(.clockStep)
            clock.step(by: .seconds(Int.random(in: -40...40, using: &random)))
        }
    }

    /// A task waits for the broker: the rest of the world continues without it.
    func wait(_ duration: Duration) {
        let until = now + duration
        guard depth < 3 else {
            while now < until {
                tick()
                broker.step()
            }
            return
        }
        depth += 1
        defer { depth -= 1 }
        while now < until { step() }
    }

    /// The process stands still where it is, and goes on there later. False when that cannot be told now.
    func freeze(_ process: SimulatedProcess) -> Bool {
        guard depth < 2 else { return false }
        note(.nodeFrozen)
        let pause = Duration.milliseconds(Int.random(in: 300...7_000, using: &random))
        process.frozenUntil = now + pause
        while process.isFrozen { wait(.milliseconds(200)) }
        return true
    }

    private func heal() {
        isHealed = true
        healedAt = now
        clock.set(clock.latest)
        for node in nodes {
            node.process?.frozenUntil = nil
            for case let connection? in [node.process?.owning, node.process?.consuming] { connection.mend() }
            if node.process?.isMissingCode == true { node.process?.die() }
            if node.damage != nil { node.removeDamage() }
        }
    }

    // MARK: Nodes

    private func start(_ node: SimulatedNode) {
        var known = orchestrators
        if !isHealed, random.chance(12), let missing = known.keys.sorted().randomElement(using: &random) {
            note(.codeMissing)
            known[missing] = nil
        }
        beginUnderAnotherClock(node)
        restoreCopy(node)
        node.process = SimulatedProcess(self, node, orchestrators: known)
    }

    func drawSettings(_ node: String) -> PartitionSettings {
        var settings = PartitionSettings()
        settings.limits = limits
        settings.node = node
        // Stories have versions, and everyone has the code of all of them.
        settings.versions.match = .any
        settings.replayInputs = .fail
        settings.maximumLiveSessions = [1, 2, 5, 1_000].randomElement(using: &random) ?? 1
        settings.maximumUnconfirmed = [3, 20, 1_000].randomElement(using: &random) ?? 3
        if hasLog {
            var log = LogSettings()
            log.segmentBytes = [2_000, 10_000, 50_000, 1 << 20].randomElement(using: &random) ?? 2_000
            if slices.chance(50) {
                log.pieceBytes = [1_000, 10_000].randomElement(using: &slices) ?? 1_000
                log.piecesAtOnce = Int.random(in: 1...3, using: &slices)
                log.bytesKept = [1_000, 1 << 20].randomElement(using: &slices) ?? 0
            }
            settings.log = log
        }
        return settings
    }

    func nextJournalID() -> String {
        journals += 1
        return "journal-\(journals)"
    }

    /// Whether a contender may try for its partition's lock.
    func wants(_ contender: SimulatedContender) -> Bool {
        let node = contender.process.node
        guard mayGoFirst(node, contender.partition) else { return false }
        if node.damage?.partition == contender.partition { return false }
        guard hasLog || home(of: contender.partition) === node || node.standings[contender.partition] != nil else {
            return false
        }
        // The plan's first, and the others when that one does not come.
        guard let rank = contender.process.plan.rank(of: contender.process.id, for: contender.partition) else {
            return false
        }
        return rank == 0 || random.chance(20)
    }

    func tookOver(_ tenure: Tenure) {
        note(.takeOver)
        // It may have lost the lock again meanwhile, and not know yet.
        if broker.owner(of: tenure.partition) === tenure { reserved[tenure.partition] = nil }
    }

    /// What a node had does not fit the log.
    func diverged(_ contender: SimulatedContender) {
        if contender.process.node.damage?.partition == contender.partition { note(.rowDamageFound) }
    }

    // MARK: Mail

    /// - Parameter sender: the partition whose instance says it; nil for clients and workers.
    func publish(
        _ message: InboundDelivery.Message,
        request: Int?,
        from sender: PartitionNumber? = nil,
        to instance: InstanceID
    ) {
        let delay = isHealed || random.chance(70) ? 0 : Int.random(in: 0...2_500, using: &random)
        var due = now + .milliseconds(delay)
        // The intake keeps the order in which one client wrote, and an inbox that in which a partition did.
        let inbox = partition(of: instance)
        let ahead = mail.filter { other in
            if request != nil { return other.instance == instance && other.request != nil }
            guard let sender else { return message.isCommand && other.sender != nil }
            return other.sender == sender && partition(of: other.instance) == inbox
        }
        due = ahead.map(\.due).max().map { max(due, $0) } ?? due
        mail.append(Mail(message: message, request: request, sender: sender, instance: instance, due: due))
        // A start that has no message id may run twice when it is sent twice: so it is written, and no one does.
        if case .command(let command) = message, command.messageID == nil { return }
        guard !isHealed, random.chance(8) else { return }
        note(.duplicate)
        due += .milliseconds(Int.random(in: 0...4_000, using: &random))
        mail.append(Mail(message: message, request: request, sender: nil, instance: instance, due: due))
    }

    private func carryMail() {
        guard broker.isUp else { return }
        for letter in mail.filter({ $0.due <= now }) {
            broker.add(letter.message, request: letter.request, to: partition(of: letter.instance))
        }
        mail.removeAll { $0.due <= now }
    }

    func partition(of instance: InstanceID) -> PartitionNumber {
        PartitionNumber(of: instance, count: partitions.count)
    }

    func delivery(_ letter: Letter, tag: UInt64) -> InboundDelivery {
        InboundDelivery(
            tag: tag,
            message: letter.message,
            replyTo: letter.request.map { ReplyAddress(queue: "clients", correlation: "\($0)") },
            size: 100,
            original: NumberedOriginal(text: letter.request.map { "\($0)" } ?? letter.message.messageID ?? "result")
        )
    }

    /// The broker has taken a message to where it belongs.
    func arrive(_ outbound: Outbound, from partition: PartitionNumber) {
        switch outbound.message {
        case .status(let status):
            observer.observe(status)
            noteKind(of: status)
        case .deadLetter(let letter):
            note(.deadLetter)
            regret(letter)
        case .task(let task): noteKey(of: task, partition)
        case .command(let command):
            guard let command = flaw.map({ $0.changed(command) }) ?? command else { return }
            internals[command.messageID ?? "", default: Internal(command, story(of: command.instance))].command =
                command
            noteKind(of: command.action)
            publish(.command(command), request: nil, from: partition, to: command.instance)
        case .result(let result):
            wipes.note(result)
            publish(.result(result), request: nil, from: partition, to: result.instance)
        }
    }

    private func noteKind(of status: StatusMessage) {
        switch status.kind {
        case .scheduled: note(.startedLater)
        case .continuedAsNew: note(.continuedAsNew)
        case .rewound: note(.rewound)
        case .purged where status.instance.isEntity: note(.entityDeleted)
        default: break
        }
    }

    private func noteKind(of action: Command.Action) {
        switch action {
        case .terminate: note(.childTerminated)
        case .purge: note(.childPurged)
        case .start(let request): note(request.parent != nil ? .childStarted : .otherStarted)
        case .operate(let request): if request.due != nil { note(.signalDelayed) }
        default: break
        }
    }

    // MARK: Workers

    private func work() {
        guard broker.isUp else { return }
        let waiting = broker.activities.count
        for _ in 0..<(isHealed ? waiting : Int.random(in: 0...min(4, waiting), using: &random)) {
            guard !broker.activities.isEmpty else { return }
            let task = broker.takeActivity(at: Int.random(in: 0..<broker.activities.count, using: &random))
            if !isHealed, random.chance(10) {
                // The worker died: before its answer, or between its answer and its ack.
                note(.workerDied)
                broker.giveBack(task)
                if random.chance(50) { continue }
            }
            if !isHealed, random.chance(3) {
                // Its answer was not confirmed, and so the task not acked.
                note(.dropped)
                broker.giveBack(task)
                continue
            }
            report(task)
            if !task.task.timeouts.isNone {
                answer(task, task.token, .started)
                if !isHealed, random.chance(25) {
                    note(.workerHung)
                    continue
                }
            }
            if !isHealed, random.chance(5) {
                var token = task.token
                token.secret.high += 1
                note(.foreignToken)
                answer(task, token, outcome(of: task))
            }
            answer(task, task.token, outcome(of: task))
        }
    }

    private func answer(_ task: TaskMessage, _ token: TaskToken, _ outcome: TaskResult.Outcome) {
        publish(
            .result(TaskResult(instance: task.instance, token: token, outcome: outcome)),
            request: nil,
            to: task.instance
        )
    }

    private func outcome(of task: TaskMessage) -> TaskResult.Outcome {
        let job = try? PayloadCoding.decode(Job.self, from: task.task.input, as: "a job")
        let start = job?.call.split(separator: "/").first.map(String.init) ?? ""
        return TestOrchestrators.outcome(of: task.task, isMended: mended.contains(start))
    }

    private func noteKey(of task: TaskMessage, _ partition: PartitionNumber) {
        guard let job = try? PayloadCoding.decode(Job.self, from: task.task.input, as: "a job") else {
            return complain("a task without a job")
        }
        handedOut.insert(Attempt(task.instance, task.incarnation, task.task.id, task.task.attempt))
        let key = "\(partition)/\(task.task.key)"
        let call = "\(task.instance)/\(task.incarnation)/\(job.call)"
        if let other = callOfKey.updateValue(call, forKey: key), other != call {
            complain("the idempotency key \(key) serves both \(other) and \(call)")
        }
        // A rewind hands out again what has failed.
        if let other = keyOfCall.updateValue(key, forKey: call), other != key, task.task.name != "Brittle", !isUndone {
            complain("the call \(call) was given both keys \(other) and \(key)")
        }
    }

    // MARK: Quiet

    /// Nothing is under way, and every story is at its end.
    var isQuiet: Bool { unrest == nil }

    /// What still goes on.
    private var unrest: String? {
        if let node = nodes.first(where: { $0.process?.isDead ?? true }) { return "\(node.name) is down" }
        if !mail.isEmpty { return "mail is under way" }
        if !broker.isIdle { return "the broker is busy: \(broker.load)" }
        for partition in partitions {
            let owners = nodes.compactMap { $0.process?.contenders[partition.value] }.filter {
                $0.replica.partition != nil
            }
            guard owners.count == 1, let contender = owners.first, let owned = contender.replica.partition else {
                return "partition \(partition) has \(owners.count) owners"
            }
            if let due = owned.nextDue() { return "partition \(partition) waits for \(due)" }
            if !contender.deliveries.isEmpty || !contender.settlements.isEmpty {
                return "partition \(partition) has mail"
            }
            if owned.head.confirmedThrough != owned.head.nextOutbound.previous {
                return "partition \(partition) waits for confirms: \(owned.head)"
            }
        }
        if hasLog {
            for node in nodes {
                for contender in node.process?.contenders ?? [] where !contender.isCaughtUp {
                    return "\(node.name) is behind in partition \(contender.partition)"
                }
            }
        }
        if let (tag, identity) = observer.open { return "\(tag) goes on: \(describe(identity.instance))" }
        if let story = stories.first(where: { !isOver($0) }) {
            return "the story of \(story.instance) (\(story.orchestrator)) goes on: \(describe(story.instance))"
        }
        return nil
    }
}

struct NumberedOriginal: OriginalMessage {
    var text: String
    func encoded() -> [UInt8] { Array(text.utf8) }
}

extension InboundDelivery.Message {
    fileprivate var messageID: String? { if case .command(let command) = self { command.messageID } else { nil } }
    fileprivate var isCommand: Bool { if case .command = self { true } else { false } }
}
