import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseBroker

/// A hub of which each part runs: a node, a worker, a gateway, and someone who looks on.
@Suite("Exchanges and bindings that an operator deletes under a running hub", .timeLimit(.minutes(2)))
struct HubKeeperTests {
    enum Loss: CaseIterable {
        case commands, binding, statuses, nodes, withdrawals, size, dead
        case all
    }

    private struct Idle: ActivityRunner {
        var activityNames = ["E1_SayHello"]
        var concurrency = 1
        func run(_ task: ActivityTask, report: @escaping @Sendable (Payload) -> Void) async -> TaskResult.Outcome? {
            .completed(.null)
        }
    }

    private final class Sink: StatusSink {
        private let latest = Mutex<StatusSequenceNumber>(0)
        func note(_ progress: [ProgressMessage]) async throws {}
        func apply(_ batch: [StatusMessage]) async throws { for status in batch { see(status) } }
        func mayHaveMissed() async {}
        func see(_ status: StatusMessage) { latest.withLock { $0 = max($0, status.sequence) } }
        func has(_ round: Int) -> Bool { latest.withLock { $0.rawValue > Int64(round) * 1_000 } }
    }

    /// What one node hears of others.
    private final class Ears: Sendable {
        private let heard = Mutex<Set<NodeID>>([])
        func hear(_ event: NodeDirectory.Event) {
            if case .heard(let node) = event { heard.withLock { _ = $0.insert(node.id) } }
        }
        func has(_ id: NodeID) -> Bool { heard.withLock { $0.contains(id) } }
    }

    private func lose(_ loss: Loss, _ test: LiveHub) async throws {
        let (names, channel) = (test.names, try await test.channel())
        let exchanges: [Loss: [String]] = [
            .commands: [names.commands], .statuses: [names.statuses], .nodes: [names.nodes],
            .withdrawals: [names.withdrawals], .size: [names.size(1)],
        ]
        if loss == .dead {
            _ = try await channel.deleteQueue(names.dead)
            return
        }
        if loss == .binding {
            return try await channel.unbindQueue(names.intake, from: names.commands, routingKey: "#")
        }
        for name in exchanges[loss] ?? exchanges.values.flatMap({ $0 }) { try await channel.deleteExchange(name) }
    }

    /// Whether a message that goes to the exchange gets anywhere.
    private func leadsSomewhere(_ exchange: String, _ test: LiveHub) async throws -> Bool {
        do {
            try await test.channel().publish(
                RabbitMQMessage(),
                exchange: exchange,
                routingKey: "a.stranger",
                mandatory: true
            )
            return true
        } catch let error as RabbitMQError where [.returned, .notFound].contains(error.code) {
            return false
        }
    }

    @Test("They are made again, and everyone hears what he heard before", arguments: Loss.allCases)
    func comesBack(_ loss: Loss) async throws {
        try await LiveHub.with(partitions: 1, activities: ["E1_SayHello"]) { test in
            var timing = LogTiming()
            timing.watch = .milliseconds(500)
            let owner = RecordingOwner { deliveries, link in
                for delivery in deliveries {
                    guard let address = delivery.replyTo, case .command(let command) = delivery.message else {
                        continue
                    }
                    link.answer([Reply(to: address, answer: .accepted(command.instance))])
                }
                if let last = deliveries.last { link.acknowledge(through: last.tag) }
            }
            let (sink, seen, ears) = (Sink(), Sink(), Ears())
            let hub = test.hub
            let gateway = try StatusSubscription(
                endpoint: test.endpoint,
                hub: hub,
                gateway: "g1",
                sink: sink,
                logger: LiveHub.logger
            )
            let client = BrokerHubClient(
                endpoint: test.endpoint,
                hub: hub,
                partitionCount: 1,
                logger: LiveHub.logger,
                deadline: .seconds(1)
            )
            let worker = ActivityQueues(endpoint: test.endpoint, hub: hub, runner: Idle(), logger: LiveHub.logger)
            let (one, other) = (
                NodeDirectory(endpoint: test.endpoint, hub: hub, logger: LiveHub.logger) { _ in },
                NodeDirectory(endpoint: test.endpoint, hub: hub, logger: LiveHub.logger) { ears.hear($0) }
            )
            try await test.running([
                test.contender(owner, timing: timing), test.forwarder().run, gateway.run, client.run, worker.run,
                one.run,
                other.run,
                {
                    try await StatusWatch(endpoint: test.endpoint, hub: hub).run { messages in
                        for await message in messages { seen.see(message) }
                    }
                },
            ]) {
                let link = try await untilFound("the owner") { owner.link }
                try await works(test, client, link, one, ears, sink, seen, round: 1)
                try await until("the worker") { try await leadsSomewhere(test.names.withdrawals, test) }
                try await lose(loss, test)
                try await until("the size", within: .seconds(30)) {
                    try await test.live.connection.hasExchange(test.names.size(1))
                }
                try await until("the dead letters", within: .seconds(30)) {
                    try await test.depth(test.names.dead) != nil
                }
                try await works(test, client, link, one, ears, sink, seen, round: 2)
                try await until("the worker again", within: .seconds(30)) {
                    try await leadsSomewhere(test.names.withdrawals, test)
                }
                #expect(owner.events.filter { $0 == .taken || $0 == .lost } == [.taken])
            }
        }
    }

    /// Commands arrive, statuses are seen by the gateway and by who looks on, and nodes hear each other.
    private func works(
        _ test: LiveHub,
        _ client: BrokerHubClient,
        _ link: any PartitionLink,
        _ one: NodeDirectory,
        _ ears: Ears,
        _ sink: Sink,
        _ seen: Sink,
        round: Int
    ) async throws {
        let instance = InstanceID(checked: "i\(round)")
        let command = Command(instance: instance, action: .start(orchestrator: "A", input: .null), isInteractive: true)
        try await until("a command", within: .seconds(30)) {
            (try? await client.send(command, ordered: true)) == .accepted(instance)
        }
        // What is published while no one is bound is missed, as documented: the next is not.
        var number = Int64(round) * 1_000
        for (who, eyes) in [("the gateway", sink), ("who looks on", seen)] {
            try await until("a status for \(who)", within: .seconds(30)) {
                number += 1
                let status = StatusMessage.make(.customStatusSet, sequence: StatusSequenceNumber(rawValue: number))
                link.publish([Outbound(number: OutboundNumber(rawValue: number), epoch: 1, message: .status(status))])
                try await Task.sleep(for: .milliseconds(100))
                return eyes.has(round)
            }
        }
        try await until("a word of a node", within: .seconds(30)) {
            one.announce(
                NodeAnnouncement(id: "n\(round)", name: "n", heartbeat: .seconds(1), isLeaving: false, partitions: [])
            )
            try await Task.sleep(for: .milliseconds(50))
            return ears.has("n\(round)")
        }
    }
}
