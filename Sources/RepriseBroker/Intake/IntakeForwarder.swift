package import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel
import ServiceLifecycle
import Synchronization

/// Carries commands from the intake to the inbox of their instance's partition.
///
/// Every node runs one; the broker lets one at a time consume, so the order of one sender is kept. A delivery is acked
/// once its copy is confirmed and all before it are: a crash in between forwards some again, under the same
/// `message_id`. What cannot be processed goes to the dead-letter queue in the same way.
package struct IntakeForwarder: Service {
    private let endpoint: BrokerEndpoint
    private let topology: HubTopology
    private let logger: Logger
    /// At 1 MiB each, the most memory that unconfirmed commands take is as many MiB.
    private let prefetch: UInt16 = 512
    private let retryPause: Duration

    package init(
        endpoint: BrokerEndpoint,
        topology: HubTopology,
        logger: Logger,
        retryPause: Duration = .seconds(1)
    ) {
        self.endpoint = endpoint
        self.topology = topology
        self.logger = logger
        self.retryPause = retryPause
    }

    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            let answers = AnswerLine()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await answers.run(at: endpoint, for: "answers of the intake", logger: logger) }
                group.addTask { try await forward(answers) }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }

    private func forward(_ answers: AnswerLine) async throws {
        try await Reconnecting(endpoint: endpoint, purpose: "intake of '\(topology.hub)'", logger: logger)
            .run { live in
                try await topology.restore(on: live.connection, at: endpoint, logger: logger)
                try await forward(on: live, answers)
            }
    }

    private func forward(on live: LiveConnection, _ answers: AnswerLine) async throws {
        let names = HubNames(topology.hub)
        let routing = IntakeRouting(names: names, partitionCount: topology.partitionCount)
        let lane = ForwardLane(routing, answers: answers, logger: logger)
        let consumer = try await Consumer.open(on: live.connection, settle: lane.settle, take: lane.forward)
        lane.open(consumer.channel)
        try await consumer.consume(names.intake, prefetch: prefetch)
        try await consumer.run { group in
            group.addTask {
                while await lane.stalls.next() != nil { try await retry(lane, on: live) }
            }
        }
    }

    /// After a pause, makes the queues again that may be gone, and publishes what waits for them.
    private func retry(_ lane: ForwardLane, on live: LiveConnection) async throws {
        try await Task.sleep(for: retryPause)
        try await topology.repair(on: live.connection)
        lane.retry()
    }
}

extension RabbitMQPublishOutcome {
    /// Why the publication can never be sent, by this connection or another.
    fileprivate var whyNever: String? {
        guard case .undecided(let error) = self, [.tooLarge, .invalidArgument].contains(error.code) else { return nil }
        return error.message
    }
}

/// One channel of the forwarder: takes, publishes and acks on the connection's thread, as fast as the broker does.
private final class ForwardLane: Sendable {
    private struct State {
        var ledger = ForwardLedger()
        var troubles = RecentTroubles()
        var channel: RabbitMQChannel?
    }

    private let routing: IntakeRouting
    private let answers: AnswerLine
    private let logger: Logger
    private let state = Mutex(State())
    /// Signals that something waits to be published again.
    let stalls = BatchQueue<Void>()

    init(_ routing: IntakeRouting, answers: AnswerLine, logger: Logger) {
        self.routing = routing
        self.answers = answers
        self.logger = logger
    }

    func open(_ channel: RabbitMQChannel) { state.withLock { $0.channel = channel } }

    func forward(_ deliveries: [RabbitMQDelivery]) {
        let decisions = deliveries.map { delivery in
            routing.route(ReceivedMessage(delivery), tag: delivery.tag, randomID: RandomID.make, now: .wallClock)
        }
        state.withLock { state in
            var publications: [RabbitMQPublication] = []
            for decision in decisions {
                if let publication = state.ledger.take(decision.publication, to: decision.destination) {
                    publications.append(publication)
                }
            }
            state.channel?.publish(publications)
        }
        for refusal in decisions.compactMap(\.refusal) { say(refusal.code, refusal.reason) }
        answers.publish(decisions.flatMap(\.replies))
    }

    func settle(_ settlements: [RabbitMQSettlement]) {
        for why in settlements.compactMap(\.outcome.whyNever) { say(.tooLarge, why) }
        let isStalled = state.withLock { state in
            var letters: [RabbitMQPublication] = []
            for settlement in settlements {
                if let why = settlement.outcome.whyNever {
                    let letter = state.ledger.replace(settlement.id) { unsendable in
                        routing.letter(for: unsendable, why, id: RandomID.make(), now: .wallClock)
                    }
                    if let letter { letters.append(letter) }
                } else {
                    state.ledger.settle(settlement.id, isConfirmed: settlement.outcome == .confirmed)
                }
            }
            if !letters.isEmpty { state.channel?.publish(letters) }
            if let tag = state.ledger.acknowledgeable() { state.channel?.ack(tag, multiple: true) }
            return !state.ledger.stalled.isEmpty
        }
        guard isStalled else { return }
        for settlement in settlements where settlement.outcome != .confirmed {
            logger.warning("a command could not be forwarded (\(settlement.outcome)); it waits in the intake")
            break
        }
        stalls.post([()])
    }

    /// Its sender does not look at dead letters, and may never learn of them.
    private func say(_ code: Rejection.Code, _ reason: String) {
        guard let warning = state.withLock({ $0.troubles.warning(of: code, reason, at: .wallClock) }) else { return }
        logger.warning("\(warning)")
    }

    func retry() {
        state.withLock { state in
            let publications = state.ledger.retry()
            if !publications.isEmpty { state.channel?.publish(publications) }
        }
    }
}
