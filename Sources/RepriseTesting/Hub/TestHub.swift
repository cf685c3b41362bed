public import Logging
public import Reprise
import RepriseEngine
public import RepriseKernel

/// An in-memory hub on simulated time, for tests of orchestrators: a timer of three days takes microseconds.
///
/// ```swift
/// let hub = try TestHub(orchestrators: [ReserveTicket()], activities: [CalculateDiscount()])
/// let id = try await hub.start(ReserveTicket.self, 42)
/// try await hub.advance(by: .seconds(59))
/// #expect(try await hub.status(of: id).runtimeStatus == .running)
/// try await hub.advance(by: .seconds(1))
/// #expect(try await hub.result(of: id, as: Bool.self) == false)
/// ```
///
/// It runs the engine of a real node, over several partitions; only the broker, the disk and the clock are missing.
/// Every call returns once nothing more can happen without outside action or time passing, so a test needs no waiting.
/// Activities run for real, concurrently, on the test's own executor, unless they are stubbed; their results reach the
/// orchestrator in the order in which it called them, so that a test runs the same way every time.
///
/// Nothing outlives it: releasing it ends everything that runs in it.
public actor TestHub: OrchestrationClient {
    let machine: HubMachine
    private let configuration: TestHubConfiguration
    private let logger: Logger
    private var running: [RunningActivity] = []
    private var lastInstance = 0
    private var lastMessage = 0

    private struct RunningActivity {
        var job: ActivityJob
        var work: Task<TaskResult.Outcome?, Never>
        var reports: ReportedProgress
    }

    /// True in an activity that a hub runs: a call to the hub from there cannot wait for that activity to end.
    @TaskLocal private static var isWorking = false

    /// - Parameters:
    ///   - orchestrators: what can be started.
    ///   - activities: what the workers run, each alone or as a container of several. Activities missing here can be
    ///     stubbed.
    ///   - entities: the entities that the hub serves.
    ///   - logger: receives what a node would log; silent by default.
    /// - Throws: ``RepriseError`` for a name that breaks its rules, or that is used twice.
    public init(
        orchestrators: [any Orchestrator],
        activities: [any ActivityContainer] = [],
        entities: [any Entity] = [],
        configuration: TestHubConfiguration = TestHubConfiguration(),
        logger: Logger = Logger(label: "reprise.test", factory: { _ in SwiftLogNoOpLogHandler() })
    ) throws(RepriseError) {
        let code = try HubCode(orchestrators, entities, configuration)
        let registered = RegisteredActivity.all(of: activities, limits: code.settings.limits)
        let workers = SimulatedWorkers(try HubCode.byName(registered))
        self.configuration = configuration
        self.logger = logger
        machine = try HubMachine(code, workers, configuration, logger: logger)
    }

    deinit {
        for activity in running { activity.work.cancel() }
    }

    var limits: Limits { machine.code.settings.limits }

    // MARK: The process

    /// The process dies and another starts: every orchestration is replayed from its journal when something reaches it.
    ///
    /// - Parameters:
    ///   - orchestrators: the code of the new process; the old code when nil.
    ///   - versions: which instances the new process runs; as before when nil.
    public func restart(orchestrators: [any Orchestrator]? = nil, versions: VersionPolicy? = nil) async throws {
        var code = machine.code
        if let orchestrators { code.orchestrators = try HubCode.byName(orchestrators) }
        if let versions { code.settings.versions = versions }
        try machine.restart(code)
        try await settle()
    }

    /// Makes exactly these faults happen from now on.
    public func inflict(_ faults: Faults) async throws {
        try machine.inflict(faults)
        try await settle()
    }

    // MARK: Sending

    /// Sends a command, and waits for the answer and everything that follows from it.
    func send(_ action: Command.Action, to instance: InstanceID) async throws -> InstanceID {
        lastMessage += 1
        let command = Command(
            instance: instance,
            action: action,
            messageID: "test-\(lastMessage)",
            isInteractive: true
        )
        let request = machine.post(.command(command), to: instance)
        try await settle()
        switch machine.takeAnswer(to: request) {
        case .accepted(let id, _): return id
        case .rejected(let rejection): throw RepriseError(rejection)
        case let answer: throw RepriseError(.engine, "a command was answered by \(String(describing: answer))")
        }
    }

    func ask(_ query: Query, about instance: InstanceID) throws -> Answer {
        let request = machine.post(.query(query), to: instance)
        try machine.run()
        switch machine.takeAnswer(to: request) {
        case .rejected(let rejection): throw RepriseError(rejection)
        case let answer?: return answer
        case nil: throw RepriseError(.engine, "a query was not answered")
        }
    }

    /// An id for a start without one: the same in every run of the test.
    func nextInstance() throws -> InstanceID {
        lastInstance += 1
        return try InstanceID("instance-\(lastInstance)")
    }

    // MARK: Until nothing happens

    /// Continues until nothing more can happen without outside action or time passing. Activities are awaited one after
    /// another in the order they were called, however they overlap.
    func settle() async throws {
        while true {
            try machine.run()
            beginActivities()
            guard !Self.isWorking, let next = running.first else { break }
            let outcome = await withTaskCancellationHandler {
                await next.work.value
            } onCancel: {
                next.work.cancel()
            }
            // Another waiter may have been faster.
            guard let index = running.firstIndex(where: { $0.job.number == next.job.number }) else { continue }
            running.remove(at: index)
            try Task.checkCancellation()
            for value in next.reports.taken {
                machine.post(ProgressReport(instance: next.job.task.instance, token: next.job.task.token, value: value))
                // One after another: of two that come together, observers receive only the later.
                try machine.run()
            }
            finish(next.job, outcome)
        }
        if let task = machine.workers.takeUnserved().first {
            let name = task.task.name
            throw RepriseError(
                .unknownActivity,
                """
                '\(task.instance)' calls the activity '\(name)', but \
                \(machine.workers.obstacle(to: name) ?? "nobody took it")
                """
            )
        }
    }

    private func beginActivities() {
        for number in machine.workers.takeCanceled() {
            running.first { $0.job.number == number }?.work.cancel()
        }
        for job in machine.workers.takeDue(at: machine.clock.now) {
            if let failure = machine.workers.arrangedFailure(of: job) {
                finish(job, .failed(failure))
            } else if let service = machine.workers.service(of: job.name) {
                let reports = ReportedProgress()
                running.append(
                    RunningActivity(job: job, work: work(at: job, service.activity, reports), reports: reports)
                )
            }
        }
    }

    private func work(at job: ActivityJob, _ activity: RegisteredActivity, _ reports: ReportedProgress) -> Task<
        TaskResult.Outcome?, Never
    > {
        let worker = ActivityWorker(activities: [job.name: activity], concurrency: 1, logger: logger)
        var task = ActivityTask(
            name: job.name,
            instance: job.task.instance,
            input: job.task.task.input,
            attempt: job.task.task.attempt,
            idempotencyKey: job.key
        )
        task.progress = job.progress
        return Self.$isWorking.withValue(true) {
            Task { [task] in await worker.run(task, report: reports.add) }
        }
    }

    private func finish(_ job: ActivityJob, _ outcome: TaskResult.Outcome?) {
        let workerDies = machine.faults.contains(.workerDeaths) && job.deliveries == 1
        if let result = machine.workers.finish(job, outcome, workerDies: workerDies) { machine.post(result) }
    }
}
