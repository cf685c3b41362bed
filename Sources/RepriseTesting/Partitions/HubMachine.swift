import Logging
import Reprise
import RepriseEngine
import RepriseKernel
import Synchronization

/// A whole hub, without any waiting: partitions, what passes between them, and what leaves them.
///
/// ```
///  post ──► the partition's inbox ──► Partition.handle ──┬──► inboxes: commands, results
///                  ▲                                     ├──► workers: tasks of activities
///                  └──────── answers of workers ◄────────┤
///                                                        └──► observed: status changes, dead letters
/// ```
/// It routes messages as a node and its broker do, and runs the same engine as a node.
final class HubMachine {
    let clock: HubClock
    private(set) var code: HubCode
    private(set) var faults: Faults
    private(set) var owners: [SimulatedOwner] = []
    var workers: SimulatedWorkers
    private(set) var observed = Observations()

    private let hub: HubName
    private let secrets = SecretSequence()
    private let logger: Logger
    private var answers: [Int: Answer] = [:]
    private var lastRequest = 0

    /// The number of steps without time passing after which they are taken to be endless.
    private static let maximumSteps = 200_000

    init(
        _ code: HubCode,
        _ workers: SimulatedWorkers,
        _ configuration: TestHubConfiguration,
        logger: Logger
    ) throws(RepriseError) {
        self.code = code
        self.workers = workers
        self.logger = logger
        faults = configuration.faults
        clock = HubClock(Timestamp(rounding: configuration.startTime))
        do {
            hub = try HubName("test")
        } catch {
            throw RepriseError(.invalid, error.reason)
        }
        let count = max(1, configuration.partitions)
        for number in 0..<count {
            let journal = HubJournal(hub: hub, partition: PartitionNumber(number), of: count)
            let (partition, effects) = try open(journal)
            owners.append(SimulatedOwner(journal: journal, partition: partition))
            carryOut(effects, of: owners[number])
        }
    }

    // MARK: The process

    private func open(_ journal: HubJournal) throws(RepriseError) -> (Partition, Partition.Effects) {
        var settings = code.settings
        if faults.contains(.evictions) { settings.maximumLiveSessions = 0 }
        do {
            let partition = try Partition(
                journal: journal,
                log: nil,
                orchestrators: code.orchestrators,
                entities: code.entities,
                settings: settings,
                environment: PartitionEnvironment(
                    wallClock: { [clock] in clock.now },
                    steadyClock: { [clock] in .milliseconds(clock.now.milliseconds) },
                    makeSecret: { [secrets] in secrets.next() }
                ),
                marker: UnwatchedTurns(),
                logger: logger
            )
            return (partition, try partition.begin(epoch: partition.head.epoch.next))
        } catch {
            throw RepriseError(error)
        }
    }

    private func reopen(_ owner: SimulatedOwner) throws(RepriseError) {
        owner.partition.close()
        let (partition, effects) = try open(owner.journal)
        owner.partition = partition
        carryOut(effects, of: owner)
    }

    /// The process dies, and another starts with this code.
    func restart(_ code: HubCode) throws(RepriseError) {
        self.code = code
        workers.restart()
        for owner in owners { try reopen(owner) }
    }

    func inflict(_ faults: Faults) throws(RepriseError) {
        self.faults = faults
        try restart(code)
    }

    // MARK: What goes in

    /// - Returns: the number by which to take the answer.
    func post(_ message: InboundDelivery.Message, to instance: InstanceID) -> Int {
        lastRequest += 1
        deliver(SimulatedOwner.Letter(message: message, request: lastRequest), to: instance)
        return lastRequest
    }

    func post(_ result: TaskResult) { deliver(SimulatedOwner.Letter(message: .result(result)), to: result.instance) }

    func post(_ report: ProgressReport) {
        deliver(SimulatedOwner.Letter(message: .progress(report)), to: report.instance)
    }

    func takeAnswer(to request: Int) -> Answer? { answers.removeValue(forKey: request) }

    func awaitedWork(of instance: InstanceID) throws(RepriseError) -> AwaitedWork? {
        do {
            return try owner(of: instance).partition.awaitedWork(of: instance)
        } catch {
            throw RepriseError(error)
        }
    }

    private func owner(of instance: InstanceID) -> SimulatedOwner {
        owners[PartitionNumber(of: instance, count: owners.count).value]
    }

    private func deliver(_ letter: SimulatedOwner.Letter, to instance: InstanceID) {
        let owner = owner(of: instance)
        owner.post(letter)
        if faults.contains(.duplicates) { owner.post(letter) }
    }

    // MARK: What happens

    /// When something happens by itself.
    func nextDue() -> Timestamp? {
        (owners.compactMap { $0.partition.nextDue() } + [workers.nextDue()].compactMap { $0 }).min()
    }

    /// Continues until nothing is left to do at this time except what workers are running.
    func run() throws(RepriseError) {
        var steps = 0
        var hasWork = true
        while hasWork {
            hasWork = false
            for owner in owners where owner.hasWork(at: clock.now) {
                hasWork = true
                steps += 1
                guard steps <= Self.maximumSteps else {
                    throw RepriseError(
                        .endless,
                        "\(steps) steps were taken and no time has passed: an orchestration runs on without waiting"
                    )
                }
                try step(owner)
            }
            for started in workers.begin(at: clock.now) {
                hasWork = true
                post(started)
            }
        }
    }

    private func step(_ owner: SimulatedOwner) throws(RepriseError) {
        let (letters, settlements) = owner.takeBatch()
        let commit = owner.partition.head.commit
        let effects: Partition.Effects
        do {
            effects = try owner.partition.handle(letters.map { owner.delivery(of: $0) }, settlements: settlements)
            // As a node does when it is idle, so that the next process does not send again what was sent.
            if letters.isEmpty { try owner.partition.flush() }
        } catch {
            throw RepriseError(error)
        }
        let isSpared = letters.first?.isRedelivered == true
        if faults.contains(.crashes), !isSpared, owner.partition.head.commit > commit {
            owner.redeliver(letters)
            try reopen(owner)
        } else {
            carryOut(effects, of: owner)
        }
    }

    private func carryOut(_ effects: Partition.Effects, of owner: SimulatedOwner) {
        for outbound in effects.publish {
            switch outbound.message {
            case .task(let task): workers.add(task, key: task.task.key.text(hub, owner.journal.identity.partition))
            case .status(let status): observed.observe(status)
            case .command(let command): deliver(SimulatedOwner.Letter(message: .command(command)), to: command.instance)
            case .result(let result): post(result)
            case .deadLetter(let letter): observed.observe(letter, at: clock.now)
            }
            owner.confirm(outbound.number)
        }
        for reply in effects.answers {
            if let request = reply.to.correlation.flatMap({ Int($0) }) { answers[request] = reply.answer }
        }
        for progress in effects.progress { observed.observe(progress) }
        for task in effects.withdrawn { workers.withdraw(task.address) }
        for report in effects.resumed { workers.resume(report) }
    }
}

extension RepriseError {
    init(_ error: JournalError) {
        self.init(.engine, "the engine broke the contract of its journal, which is a bug in Reprise: \(error)")
    }
}

/// Secrets of tasks, the same in every run.
private final class SecretSequence: Sendable {
    private let last = Atomic<UInt64>(0)
    func next() -> TaskSecret { TaskSecret(high: 0, low: last.add(1, ordering: .relaxed).newValue) }
}
