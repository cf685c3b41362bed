import Logging
import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import Synchronization

/// A partition with a journal in memory, a clock that stands still, and a broker that remembers what it was given.
final class PartitionFixture {
    let leaks = LeakCounter()
    let clock = SimulatedClock()
    let marker: RememberedMarker
    let journal: MemoryJournal
    var settings: PartitionSettings
    private(set) var orchestrators: [String: RegisteredOrchestrator]
    private let entities: [String: RegisteredEntity]
    private let logger: Logger
    private let observers: [any PartitionObserver]
    private let secrets = Secrets()
    private(set) var partition: Partition
    private(set) var published: [Outbound] = []
    private(set) var withdrawn: [WithdrawnTask] = []
    private(set) var resumed: [ProgressReport] = []
    /// What observers heard of activities, batch by batch.
    private(set) var progress: [ProgressMessage] = []
    private var lastTag: UInt64 = 0

    init(
        _ settings: PartitionSettings = PartitionSettings(),
        journal: MemoryJournal? = nil,
        marker: RememberedMarker = RememberedMarker(),
        adding more: [RegisteredOrchestrator] = [],
        entities: [RegisteredEntity] = [],
        observers: [any PartitionObserver] = [],
        logger: Logger = Logger(label: "rig", factory: { _ in SwiftLogNoOpLogHandler() })
    ) throws {
        self.logger = logger
        self.observers = observers
        self.settings = settings
        self.marker = marker
        let journal = try journal ?? MemoryJournal()
        self.journal = journal
        var known = TestOrchestrators.registry(leaks)
        for orchestrator in more { known[orchestrator.name] = orchestrator }
        orchestrators = known
        self.entities = Dictionary(entities.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        partition = try Self.open(journal, known, self.entities, settings, clock, marker, secrets, observers, logger)
        published += try partition.begin(epoch: partition.head.epoch.next).publish
    }

    deinit { partition.close() }

    /// Never the same twice, as in real partitions.
    private final class Secrets: Sendable {
        private static let rigs = Atomic<UInt64>(0)
        private let rig = rigs.add(1, ordering: .relaxed).newValue << 32
        private let count = Atomic<UInt64>(0)
        func next() -> TaskSecret { TaskSecret(high: 7, low: rig + count.add(1, ordering: .relaxed).newValue) }
    }

    private static func open(
        _ journal: MemoryJournal,
        _ orchestrators: [String: RegisteredOrchestrator],
        _ entities: [String: RegisteredEntity],
        _ settings: PartitionSettings,
        _ clock: SimulatedClock,
        _ marker: RememberedMarker,
        _ secrets: Secrets,
        _ observers: [any PartitionObserver],
        _ logger: Logger
    ) throws -> Partition {
        var environment = PartitionEnvironment(
            wallClock: { clock.now },
            steadyClock: { clock.steady },
            makeSecret: { secrets.next() }
        )
        environment.observers = observers
        return try Partition(
            journal: journal,
            log: nil,
            orchestrators: orchestrators,
            entities: entities,
            settings: settings,
            environment: environment,
            marker: marker,
            logger: logger
        )
    }

    // MARK: Verbs

    /// One batch; gives the answers in the order of the commands.
    @discardableResult
    func send(_ commands: Command..., settlements: [OutboundSettlement] = []) throws -> [Answer] {
        try handle(commands.map { .command($0) }, settlements: settlements)
    }

    @discardableResult
    func handle(
        _ messages: [InboundDelivery.Message],
        settlements: [OutboundSettlement] = [],
        isRedelivered: Bool = false,
        arrived: Duration? = nil
    ) throws -> [Answer] {
        let deliveries = messages.map { message in
            lastTag += 1
            var delivery = InboundDelivery(
                tag: lastTag,
                message: message,
                replyTo: ReplyAddress(queue: "replies", correlation: nil),
                size: 100,
                original: NotedOriginal(text: "\(lastTag)"),
                isRedelivered: isRedelivered
            )
            delivery.arrived = arrived
            return delivery
        }
        let effects = try partition.handle(deliveries, settlements: settlements)
        published += effects.publish
        withdrawn += effects.withdrawn
        resumed += effects.resumed
        progress += effects.progress
        return effects.answers.map(\.answer)
    }

    func ask(_ query: Query) throws -> Answer? { try handle([.query(query)]).first }

    /// Lets due timers and retries go.
    func advance(by duration: Duration) throws {
        clock.advance(by: duration)
        try handle([])
    }

    /// Answers every task that was published and is not answered yet, as a good worker does.
    func work() throws {
        let results = takeTasks().map { task in
            InboundDelivery.Message.result(
                TaskResult(
                    instance: task.instance,
                    token: task.token,
                    outcome: TestOrchestrators.outcome(of: task.task)
                )
            )
        }
        if !results.isEmpty { try handle(results) }
    }

    private var taken = 0

    /// The tasks published since the last call.
    func takeTasks() -> [TaskMessage] {
        defer { taken = published.count }
        return published[taken...].compactMap { if case .task(let task) = $0.message { task } else { nil } }
    }

    private var passedOn = 0

    /// Brings what instances sent each other to where it goes, until nothing more is sent or so many times; `twice` as
    /// brokers may.
    func passOn(twice: Bool = false, rounds: Int = .max) throws {
        for _ in 0..<rounds {
            let messages = published[passedOn...].compactMap { outbound -> InboundDelivery.Message? in
                switch outbound.message {
                case .command(let command): .command(command)
                case .result(let result): .result(result)
                default: nil
                }
            }
            guard !messages.isEmpty else { return }
            passedOn = published.count
            for message in messages { try handle(twice ? [message, message] : [message]) }
        }
    }

    /// Works, passes messages on and restarts until nothing moves: every step is replayed.
    func settle(restarting: Bool = false) throws {
        var before = -1
        while before != published.count {
            before = published.count
            try passOn()
            try work()
            if restarting {
                try confirmAll()
                // Else the next process would send again what was confirmed, and nothing would ever settle.
                try partition.flush()
                try restart()
            }
        }
    }

    /// The broker confirms all that was published.
    func confirmAll() throws {
        try handle([], settlements: published.map { OutboundSettlement(number: $0.number, outcome: .confirmed) })
    }

    private var confirmed = 0

    /// The broker confirms what it has not confirmed yet.
    func confirmLast() throws {
        defer { confirmed = published.count }
        try handle(
            [],
            settlements: published[confirmed...].map { OutboundSettlement(number: $0.number, outcome: .confirmed) }
        )
    }

    /// The broker loses all that it has confirmed, and the partition begins a new one from its journal.
    func wipeBroker(without missing: String? = nil) throws {
        try confirmAll()
        try partition.flush()
        taken = published.count
        passedOn = published.count
        try restart(without: missing, epochs: JournalPosition.epochsOfALostLog)
    }

    /// What was published is lost before the broker could confirm it.
    func loseUnconfirmed() {
        taken = published.count
        passedOn = published.count
    }

    /// A queue loses what it has: no one hears of it.
    func loseMessages() throws {
        try confirmAll()
        taken = published.count
        passedOn = published.count
    }

    /// The process dies and another takes the partition.
    @discardableResult
    func restart(without missing: String? = nil, epochs: Int64 = 1) throws -> [Outbound] {
        partition.close()
        var known = orchestrators
        var entities = entities
        if let missing {
            known[missing] = nil
            entities[missing.lowercased()] = nil
        }
        partition = try Self.open(journal, known, entities, settings, clock, marker, secrets, observers, logger)
        let again = try partition.begin(epoch: partition.head.epoch.advanced(by: epochs)).publish
        published += again
        return again
    }

    // MARK: What can be seen

    var statuses: [StatusMessage] {
        published.compactMap { if case .status(let status) = $0.message { status } else { nil } }
    }

    /// What instances have sent each other.
    var commands: [InboundDelivery.Message] {
        published.compactMap { if case .command(let command) = $0.message { .command(command) } else { nil } }
    }

    var deadLetters: [DeadLetter] {
        published.compactMap { if case .deadLetter(let letter) = $0.message { letter } else { nil } }
    }

    func history(_ id: String) throws -> [String] {
        guard let row = try journal.instance(InstanceID(id)) else { return [] }
        return try journal.history(of: row).map(\.event.summary)
    }

    func status(_ id: String) throws -> InstanceStatus? {
        guard case .status(let status, _)? = try ask(.status(Self.instance(id), history: false)) else { return nil }
        return status
    }

    /// Of an entity too.
    static func instance(_ id: String) throws -> InstanceID {
        id.hasPrefix("@") ? try EntityID(parsing: id).instance : try InstanceID(id)
    }

    func output(_ id: String) throws -> String? { try status(id)?.output.text }

    func health() throws -> PartitionHealth? {
        guard case .health(let health)? = try ask(.health) else { return nil }
        return health
    }
}

/// Remembers the marker as the file does; ``trap(in:)`` plays the signal handler.
final class RememberedMarker: TurnMarker, @unchecked Sendable {
    // Proof of Sendable: a test and its partition share one thread.
    /// What outlives the process, on its node.
    struct Disk {
        var epoch: Epoch = 0
        var trial: InstanceID?
        var unfinished: UnfinishedTurn?
    }

    private(set) var inside: InstanceID?
    var disk = Disk()
    /// Called whenever code is about to run.
    var onEnter: (() -> Void)?

    func enter(_ instance: InstanceID) {
        inside = instance
        onEnter?()
    }

    func leave() { inside = nil }

    var epoch: Epoch {
        get { disk.epoch }
        set { disk.epoch = newValue }
    }

    func beginTrial(of instance: InstanceID) { disk.trial = instance }
    func endTrial() { disk.trial = nil }

    func takeUnfinished() -> UnfinishedTurn? {
        defer { (disk.unfinished, disk.trial) = (nil, nil) }
        return disk.unfinished
            ?? disk.trial.map { UnfinishedTurn(instance: $0, death: .none, epoch: epoch, isTrial: true) }
    }

    func trap(in instance: InstanceID) { die(.trapped, in: instance) }

    func die(_ death: UnfinishedTurn.Death, in instance: InstanceID) {
        disk.unfinished = UnfinishedTurn(instance: instance, death: death, epoch: epoch, isTrial: disk.trial != nil)
    }
}

struct NotedOriginal: OriginalMessage {
    var text: String
    func encoded() -> [UInt8] { Array(text.utf8) }
}

extension Command {
    static func start(
        _ id: String,
        _ orchestrator: String,
        tag: String? = nil,
        count: Int = 3,
        message: String? = nil
    ) throws -> Command {
        Command(
            instance: try InstanceID(id),
            action: .start(
                orchestrator: orchestrator,
                input: try PayloadCoding.encode(Order(tag: tag ?? id, count: count), as: "an order")
            ),
            messageID: message
        )
    }

    static func event(_ id: String, _ name: String, _ json: String = "null", message: String? = nil) throws -> Command {
        Command(
            instance: try InstanceID(id),
            action: .raiseEvent(name: name, Payload(trusted: Array(json.utf8))),
            messageID: message,
            isOrdered: true
        )
    }

    static func terminate(_ id: String, message: String? = nil) throws -> Command {
        Command(instance: try InstanceID(id), action: .terminate(reason: .string("stop")), messageID: message)
    }

    static func cancel(
        _ id: String,
        grace: Duration? = nil,
        children: Bool = false,
        message: String? = nil
    ) throws -> Command {
        Command(
            instance: try InstanceID(id),
            action: .cancel(reason: .string("stop"), grace: grace, children: children),
            messageID: message
        )
    }

    static func suspend(_ id: String, message: String? = nil) throws -> Command {
        Command(instance: try InstanceID(id), action: .suspend(reason: .null), messageID: message)
    }

    static func resume(_ id: String, message: String? = nil) throws -> Command {
        Command(instance: try InstanceID(id), action: .resume(reason: .null), messageID: message)
    }

    static func rewind(_ id: String, message: String? = nil) throws -> Command {
        Command(instance: try InstanceID(id), action: .rewind(reason: .string("again")), messageID: message)
    }

    static func resend(_ id: String, message: String? = nil) throws -> Command {
        Command(instance: try PartitionFixture.instance(id), action: .resend, messageID: message)
    }

    static func purge(_ id: String, message: String? = nil) throws -> Command {
        Command(instance: try InstanceID(id), action: .purge, messageID: message)
    }
}

extension Answer {
    /// `accepted`, or the code of the refusal.
    var word: String {
        switch self {
        case .accepted, .counted: "accepted"
        case .rejected(let rejection): rejection.code.rawValue
        case .status, .changes, .instances, .health: "data"
        }
    }
}
