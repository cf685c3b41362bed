import Reprise
import RepriseEngine
import RepriseKernel

/// A task of an activity, from the moment it is handed out until it is answered.
struct ActivityJob {
    var number: Int
    var task: TaskMessage
    /// The idempotency key.
    var key: String
    /// From 1; rises when a worker dies with it.
    var deliveries = 1
    /// When the work will be done, once it has begun.
    var due: Timestamp?
    /// What was reported last before this run.
    var progress: Payload?

    var address: TaskAddress { TaskAddress(instance: task.instance, token: task.token) }
    var name: String { task.task.name }
}

/// Which tasks wait for workers, what workers do with them, and which faults happen there. It never waits itself.
struct SimulatedWorkers {
    /// What does the work of an activity.
    struct Service {
        var activity: RegisteredActivity
        /// How much simulated time it takes.
        var duration: Duration = .zero
    }

    /// A fault for the next runs of an activity.
    private struct Mishap {
        var times: Int
        /// Only at this attempt.
        var attempt: Int?
        /// Nil when the worker dies.
        var failure: Failure?
    }

    /// The activities themselves, by name.
    private let registered: [String: RegisteredActivity]
    private var stubs: [String: Service] = [:]
    private var held: Set<String> = []
    private var mishaps: [String: [Mishap]] = [:]
    private var jobs: [ActivityJob] = []
    private var lastNumber = 0
    private(set) var calls: [ActivityCall] = []
    /// The tasks workers are running.
    private var underWay: [Int: ActivityJob] = [:]
    /// The running tasks whose results are no longer wanted.
    private var canceled: [Int] = []
    /// Tasks that no worker serves, to be reported once.
    private var unserved: [TaskMessage] = []

    /// As many as the broker allows a quorum queue of tasks.
    private static let maximumDeliveries = 10

    init(_ activities: [String: RegisteredActivity]) {
        registered = activities
    }

    // MARK: What the test arranges

    var names: [String] { Set(registered.keys).union(stubs.keys).sorted() }

    mutating func stub(_ service: Service) { stubs[service.activity.name] = service }
    mutating func unstub(_ name: String) { stubs[name] = nil }
    mutating func hold(_ name: String) { held.insert(name) }
    mutating func release(_ name: String) { held.remove(name) }

    mutating func fail(_ name: String, times: Int, attempt: Int?, _ failure: Failure) {
        mishaps[name, default: []].append(Mishap(times: times, attempt: attempt, failure: failure))
    }

    mutating func loseWorkers(of name: String, times: Int, attempt: Int?) {
        mishaps[name, default: []].append(Mishap(times: times, attempt: attempt))
    }

    func service(of name: String) -> Service? { stubs[name] ?? registered[name].map { Service(activity: $0) } }

    /// Why no worker answers a task of this activity; nil when one does.
    func obstacle(to name: String) -> String? {
        if held.contains(name) { return "no worker takes it while it is held" }
        if service(of: name) != nil { return nil }
        if name == HTTPCall.activityName {
            return "nothing answers HTTP requests here: use stubHTTP to give the answers"
        }
        let known = names.isEmpty ? "no activity" : names.joined(separator: ", ")
        return "no worker serves it: this hub has \(known); register it with the hub, or stub it"
    }

    // MARK: What happens to tasks

    mutating func add(_ task: TaskMessage, key: String) {
        lastNumber += 1
        jobs.append(ActivityJob(number: lastNumber, task: task, key: key, progress: task.task.progress))
        if service(of: task.task.name) == nil, !held.contains(task.task.name) { unserved.append(task) }
    }

    /// Lets workers take what waits for them. Returns their notices of having begun, where a timeout asks for them.
    mutating func begin(at now: Timestamp) -> [TaskResult] {
        var results: [TaskResult] = []
        for index in jobs.indices where jobs[index].due == nil && !held.contains(jobs[index].name) {
            guard let service = service(of: jobs[index].name) else { continue }
            let job = jobs[index]
            jobs[index].due = now + service.duration
            if !job.task.task.timeouts.isNone {
                results.append(TaskResult(instance: job.task.instance, token: job.task.token, outcome: .started))
            }
        }
        return results
    }

    /// When the next timed work will be done.
    func nextDue() -> Timestamp? { jobs.compactMap(\.due).min() }

    /// Takes what is due to run now, in the order it was handed out.
    mutating func takeDue(at now: Timestamp) -> [ActivityJob] {
        let due = jobs.filter { job in job.due.map { $0 <= now } ?? false }
        jobs.removeAll { job in job.due.map { $0 <= now } ?? false }
        for job in due { underWay[job.number] = job }
        calls += due.map { ActivityCall($0, at: now) }
        return due
    }

    /// The result of a run that does no work: an arranged failure.
    mutating func arrangedFailure(of job: ActivityJob) -> Failure? {
        takeMishap(job) { $0.failure != nil }?.failure
    }

    /// The work is done.
    ///
    /// - Parameter workerDies: whether its worker dies with it before it can answer.
    /// - Returns: the answer, if there is one.
    mutating func finish(_ job: ActivityJob, _ outcome: TaskResult.Outcome?, workerDies: Bool) -> TaskResult? {
        guard underWay.removeValue(forKey: job.number) != nil else { return nil }
        let isArranged = takeMishap(job) { $0.failure == nil } != nil
        guard let outcome, !isArranged, !workerDies else { return handOutAgain(job) }
        return TaskResult(instance: job.task.instance, token: job.task.token, outcome: outcome)
    }

    private mutating func handOutAgain(_ job: ActivityJob) -> TaskResult? {
        var job = job
        job.deliveries += 1
        job.due = nil
        guard job.deliveries <= Self.maximumDeliveries else {
            let failure = Failure(
                type: Failure.Kind.workerLost,
                message: "\(Self.maximumDeliveries) workers died with the task of '\(job.name)'"
            )
            return TaskResult(instance: job.task.instance, token: job.task.token, outcome: .failed(failure))
        }
        jobs.insert(job, at: 0)
        return nil
    }

    private mutating func takeMishap(_ job: ActivityJob, _ isMeant: (Mishap) -> Bool) -> Mishap? {
        let attempt = job.task.task.attempt
        guard
            let index = mishaps[job.name]?.firstIndex(where: { mishap in
                isMeant(mishap) && mishap.times > 0 && (mishap.attempt ?? attempt) == attempt
            })
        else { return nil }
        mishaps[job.name]?[index].times -= 1
        return mishaps[job.name]?[index]
    }

    /// Its result is no longer wanted: it is not started or, if already running, canceled without an answer.
    mutating func withdraw(_ address: TaskAddress) {
        jobs.removeAll { $0.address == address }
        for (number, job) in underWay where job.address == address {
            underWay[number] = nil
            canceled.append(number)
        }
    }

    /// How far the worker before had got with a task that another has begun.
    mutating func resume(_ report: ProgressReport) {
        for index in jobs.indices where jobs[index].task.token == report.token && !report.value.isNull {
            jobs[index].progress = report.value
        }
    }

    /// The numbers of running jobs that may stop, each once.
    mutating func takeCanceled() -> [Int] {
        defer { canceled = [] }
        return canceled
    }

    /// The workers die with the process: the broker redelivers what they were running.
    mutating func restart() {
        for index in jobs.indices { jobs[index].due = nil }
    }

    /// Tasks that no worker serves, each once.
    mutating func takeUnserved() -> [TaskMessage] {
        defer { unserved = [] }
        return unserved.filter { service(of: $0.task.name) == nil }
    }
}
