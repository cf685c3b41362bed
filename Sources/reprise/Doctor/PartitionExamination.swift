import RepriseBroker
import RepriseEngine
import RepriseKernel

/// Asks every partition for its health, and what its running instances wait for.
struct PartitionExamination: Sendable {
    let access: HubAccess

    struct Result: Sendable {
        var findings: [Finding] = []
        /// What the instances that were asked wait for, by activity.
        var activities: [String: OpenTasks.Count] = [:]
        var search = OpenTasksSearch(instances: 0, isComplete: true)
    }

    /// A partition with more instances than this is not searched to the end: a doctor must not be a burden.
    private static let maximumPages = 20
    private static let maximumInstances = 25
    private static let timeout = Duration.seconds(5)

    func run(_ partitions: [BrokerInspection.Partition]) async -> Result {
        let owned = partitions.filter { $0.isOwned && $0.inbox.depth != nil }
        var answers: [Int: Swift.Result<Answers, any Error>] = [:]
        do {
            answers = try await access.withClient(deadline: Self.timeout) { client in
                await withTaskGroup(of: (Int, Swift.Result<Answers, any Error>).self) { group in
                    for partition in owned {
                        group.addTask { (partition.number.value, await ask(client, partition.number)) }
                    }
                    return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
                }
            }
        } catch {
            for partition in owned { answers[partition.number.value] = .failure(error) }
        }
        var result = Result()
        for partition in partitions {
            let answer = answers[partition.number.value]
            result.findings.append(finding(partition, answer))
            if let record = RecordFinding.of(partition, in: access.hub) { result.findings.append(record) }
            guard case .success(let answers) = answer else {
                result.search.isComplete = false
                continue
            }
            result.activities.merge(answers.activities, uniquingKeysWith: +)
            result.search = result.search + answers.search
            result.findings += troubles(of: answers.health)
        }
        return result
    }

    // MARK: Asking

    private struct Answers: Sendable {
        var health: PartitionHealth
        var latency: Duration
        var activities: [String: OpenTasks.Count]
        var search: OpenTasksSearch
    }

    private func ask(_ client: BrokerHubClient, _ partition: PartitionNumber) async -> Swift.Result<Answers, any Error>
    {
        do {
            let start = ContinuousClock.now
            let health = try await client.health(of: partition)
            let latency = ContinuousClock.now - start
            var answers = Answers(
                health: health,
                latency: latency,
                activities: [:],
                search: OpenTasksSearch(instances: 0, isComplete: false)
            )
            // What it said about itself counts even if the rest does not arrive.
            try? await search(client, partition, &answers)
            return .success(answers)
        } catch {
            return .failure(error)
        }
    }

    /// The activities that some running instances have called without a result yet: they say which queues to check.
    private func search(_ client: BrokerHubClient, _ partition: PartitionNumber, _ answers: inout Answers) async throws
    {
        var running: [InstanceID] = []
        var cursor: InstanceKey? = 0
        var pages = 0
        while let after = cursor, pages < Self.maximumPages, running.count < Self.maximumInstances {
            let page = try await client.page(of: partition, after: after, limit: 500)
            running += page.statuses.filter { $0.runtimeStatus == .running }.map(\.instance)
            cursor = page.next
            pages += 1
        }
        for instance in running.prefix(Self.maximumInstances) {
            // An instance that is purged meanwhile waits for nothing.
            guard let found = try await client.status(of: instance, history: true) else { continue }
            answers.activities.merge(OpenTasks.activities(in: found.history), uniquingKeysWith: +)
            answers.search.instances += 1
        }
        answers.search.isComplete = cursor == nil && running.count <= Self.maximumInstances
    }

    // MARK: Saying

    private func finding(
        _ partition: BrokerInspection.Partition,
        _ answer: Swift.Result<Answers, any Error>?
    ) -> Finding {
        let subject = "partition \(partition.number)"
        guard let inbox = partition.inbox.depth else {
            return .bad(
                subject,
                "its inbox \(partition.inbox.name) is missing",
                advice: "start a node to create it again"
            )
        }
        let backlog = "\(Amount.of(inbox.messages, "message")) in its inbox"
        guard partition.isOwned else {
            let advice =
                partition.hasJournal
                ? "start the node whose data directory holds its journal, or any if the hub has logs; if it runs, its "
                    + "log says why it does not have the partition (reprise doctor --data DIR looks for a full disk)"
                : "start a node of this hub"
            return .bad(subject, "no node owns it; \(backlog)", advice: advice)
        }
        switch answer {
        case .success(let answers):
            let health = answers.health
            return .ok(
                subject,
                "\(health.node), journal \(health.journal.short), epoch \(health.epoch), "
                    + "\(Amount.of(health.commits.rawValue, "commit"))\(pace(of: health.work)), "
                    + "\(Amount.of(health.instances, "instance")), "
                    + "\(Amount.of(health.liveSessions, "session")), \(Amount.of(health.armedTimers, "timer")), "
                    + "\(Amount.count(health.unconfirmed)) unconfirmed, \(backlog), answers in \(answers.latency.milliseconds) ms"
            )
        case .failure(let error):
            return unanswered(subject, error, backlog)
        case nil:
            return .note(subject, "a node owns it; it was not asked; \(backlog)")
        }
    }

    /// How long commits have taken since the partition was taken: everything in it waits for them.
    private func pace(of work: PartitionWork?) -> String {
        guard let work, let mean = work.meanCommit else { return "" }
        return " (\(mean.milliseconds) ms each since it was taken, at most \(work.longestCommit.milliseconds))"
    }

    private func unanswered(_ subject: String, _ error: any Error, _ backlog: String) -> Finding {
        if let error = error as? HubUnavailable, error.party == .partition {
            let timeout = PartitionExamination.timeout.milliseconds / 1000
            return .bad(
                subject,
                "a node owns it but did not answer within \(timeout) s; \(backlog)",
                advice: "check that node's log; if it hangs, restart it"
            )
        }
        return .bad(
            subject,
            "a node owns it and cannot be asked: \(error); \(backlog)",
            advice: "whether that node works is unknown: fix this first, and check again before you restart it"
        )
    }

    private func troubles(of health: PartitionHealth) -> [Finding] {
        var findings: [Finding] = []
        if let undelivered = DeliveryFinding.of(health) { findings.append(undelivered) }
        if let clock = ClockFinding.of(health) { findings.append(clock) }
        if health.droppedResults > 0 {
            findings.append(
                .note(
                    "partition \(health.partition)",
                    "\(Amount.of(health.droppedResults, "late or repeated result")) dropped since the journal began"
                )
            )
        }
        if health.changedInputs > 0 {
            findings.append(
                .bad(
                    "partition \(health.partition)",
                    "the code of \(Amount.of(health.changedInputs, "instance")) passes on something else when it is replayed",
                    advice: "unless that change was meant, their outputs may be wrong: the log of \(health.node) names "
                        + "them and what differs; REPRISE_REPLAY_INPUTS=fail ends such instances"
                )
            )
        }
        return findings
    }
}
