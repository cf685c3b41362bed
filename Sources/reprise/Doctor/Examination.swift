import RabbitMQ
import RepriseBroker
import RepriseEngine
import RepriseKernel

/// What the doctor checks, from the outside in: when one thing is missing, what depends on it cannot be checked.
struct Examination: Sendable {
    let access: HubAccess
    /// Activities to check in any case.
    let activities: [String]
    /// A data directory to check.
    let data: String?

    func run() async -> [Finding] {
        var findings: [Finding] = []
        var count: Int?
        do {
            findings.append(try await broker())
            let found = try await HubTopology.partitionCount(of: access.hub, at: access.endpoint)
            count = found
            findings.append(.ok("hub", "'\(access.hub)' with \(Amount.of(found, "partition"))"))
            findings += await examineHub()
        } catch {
            findings.append(unreachable(error))
        }
        if let data { findings += DataExamination(directory: data, access: access, partitionCount: count).run() }
        return findings
    }

    private func broker() async throws(HubError) -> Finding {
        let start = ContinuousClock.now
        let product = try await BrokerInspection.product(at: access.endpoint)
        let text =
            "\(product.name) \(product.version) at \(access.endpoint.place), connected in "
            + "\((ContinuousClock.now - start).milliseconds) ms"
        guard product.isSupported == false else { return .ok("broker", text) }
        return .bad("broker", text, advice: "RabbitMQ 3.10 is the oldest that Reprise works with")
    }

    private func unreachable(_ error: HubError) -> Finding {
        guard error.code == .noSuchHub || error.code == .topology else {
            return .bad("broker", error.message, advice: advice(on: error))
        }
        let advice = "start a node of yours with REPRISE_HUB=\(access.hub), which creates the hub"
        return .bad("hub", error.message, advice: advice)
    }

    private func advice(on error: HubError) -> String {
        switch error.underlying?.code {
        case .authentication: "correct the user and password in --amqp-url (or REPRISE_AMQP_URL)"
        case .notFound, .notAllowed: "name a virtual host that exists and that the user may access"
        case .accessRefused: "give the user the permissions it needs: rabbitmqctl set_permissions"
        case .tls: "check the certificate, and cacertfile= in --amqp-url (or REPRISE_AMQP_URL)"
        default: "start it, or set --amqp-url (or REPRISE_AMQP_URL) to where it is"
        }
    }

    private func examineHub() async -> [Finding] {
        var findings: [Finding] = []
        let report: BrokerInspection.Report
        do {
            report = try await inspection.report(activities: [])
        } catch {
            return [.bad("queues", error.message, advice: "check the broker's log, and try again")]
        }
        let partitions = await PartitionExamination(access: access).run(report.partitions)
        findings += partitions.findings
        findings += await cluster(report.partitions)
        findings.append(intake(report.intake))
        findings += await activityQueues(waitedFor: partitions.activities, partitions.search)
        findings.append(
            .note(
                "activities",
                "none may run longer than the broker's consumer_timeout, which is 30 minutes unless its operator set another"
            )
        )
        findings.append(deadLetters(report.dead))
        return findings
    }

    private func cluster(_ locks: [BrokerInspection.Partition]) async -> [Finding] {
        var logs: [PartitionNumber: Int64] = [:]
        var findings: [Finding] = []
        do {
            let report = try await ClusterObserver.once(
                endpoint: access.endpoint,
                hub: access.hub,
                partitionCount: locks.count,
                logger: access.logger
            )
            for partition in report.partitions { logs[partition.number] = partition.log?.segment }
            findings = ClusterExamination(report, locks: locks.map(\.isOwned)).run()
        } catch {
            findings = [.bad("nodes", "they are not heard: \(error)", advice: "check the broker's log, and try again")]
        }
        return await brokers(logs) + findings
    }

    private func brokers(_ logs: [PartitionNumber: Int64]) async -> [Finding] {
        do throws(HubError) {
            let kind = try await inspection.kind()
            guard kind == .cluster || access.endpoint.configuration.brokers.count > 1 else { return [] }
            return BrokersExamination(await inspection.members(logs: logs), kind: kind, logs: logs.count).run()
        } catch {
            return [unreachable(error)]
        }
    }

    private var inspection: BrokerInspection { BrokerInspection(endpoint: access.endpoint, hub: access.hub) }

    private func intake(_ queue: BrokerInspection.Queue) -> Finding {
        guard let depth = queue.depth else {
            return .bad("intake", "the queue \(queue.name) is missing", advice: "start a node to create it again")
        }
        let waiting = "\(Amount.of(depth.messages, "message")) waiting"
        guard depth.consumers > 0 else {
            return .bad("intake", "\(waiting), and no node forwards them", advice: "start a node that owns partitions")
        }
        guard depth.messages <= Self.muchBacklog else {
            return .bad(
                "intake",
                waiting,
                advice:
                    "check again soon: if it grows, publishers are faster than the nodes (slow them down, or add "
                    + "nodes), or nothing is forwarded and the nodes' logs say why"
            )
        }
        return .ok("intake", "\(waiting), \(Amount.of(depth.consumers, "forwarder"))")
    }

    private func activityQueues(waitedFor: [String: OpenTasks.Count], _ search: OpenTasksSearch) async -> [Finding] {
        let names = Set(activities).union(waitedFor.keys).sorted()
        guard !names.isEmpty else { return [search.nothingFound] }
        let report: BrokerInspection.Report
        do {
            report = try await inspection.report(activities: names)
        } catch {
            return [.bad("activities", error.message, advice: "check the broker's log, and try again")]
        }
        return names.indices.map { index in
            ActivityExamination(
                names[index],
                messages: report.activities[index].depth?.messages,
                suspects: report.suspects[index].depth?.messages ?? 0,
                workers: report.activities[index].depth?.consumers ?? 0,
                open: waitedFor[names[index]],
                now: .now
            ).finding
        }
    }

    private func deadLetters(_ queue: BrokerInspection.Queue) -> Finding {
        guard let depth = queue.depth else {
            return .bad(
                "dead letters",
                "the queue \(queue.name) is missing",
                advice: "start a node to create it again; a policy that deletes queues (expires): \(Policies.look)"
            )
        }
        guard depth.messages == 0 else {
            return .bad("dead letters", Amount.of(depth.messages, "message"), advice: "reprise dead list")
        }
        return .ok("dead letters", "none")
    }

    static let muchBacklog = 10_000
}
