import Logging
import RabbitMQ
import Synchronization

/// The connection for answers.
///
/// A `reply_to` is untrusted, and some values make a broker close the whole connection. Here that costs the answers in
/// flight; on a connection that holds locks or forwards commands it would cost those. And there are queues that take
/// nothing, for which a broker stops reading from the whole connection: what such a queue does not confirm ends this
/// one, and no more is sent there for a while.
final class AnswerLine: Sendable {
    private struct State {
        var channel: RabbitMQChannel?
        var queues = ReplyQueues()
        /// What came while there was no channel.
        var waiting = WaitingAnswers()
    }

    private let state = Mutex(State())

    /// Sends answers, best effort. Never waits.
    func publish(_ answers: [RabbitMQPublication]) {
        state.withLock { state in
            if let channel = state.channel, channel.publish(state.queues.depart(answers, at: .now)) { return }
            for answer in answers { state.waiting.add(answer) }
        }
    }

    /// Keeps the connection open until the task is canceled.
    func run(at endpoint: BrokerEndpoint, for purpose: String, logger: Logger) async throws {
        var endpoint = endpoint
        endpoint.configuration.publishWindow.messages = PublishingLine.window
        // Short, since anyone who makes it end makes others wait.
        let backoff = RabbitMQBackoff(base: .milliseconds(50), cap: .seconds(1))
        try await Reconnecting(endpoint: endpoint, purpose: purpose, logger: logger, backoff: backoff).run {
            [self] live in
            let ended = Promise<RabbitMQError>()
            let channel = try await live.connection.openChannel { [self] event in
                switch event {
                case .settled(let settlements): if let error = settle(settlements) { ended.set(error) }
                case .closed(let error): ended.set(error)
                case .deliveries, .consumerCancelled, .flow: break
                }
            }
            open(channel)
            defer { state.withLock { $0.channel = nil } }
            if let error = await ended.value() { throw error }
        }
    }

    private func open(_ channel: RabbitMQChannel) {
        state.withLock { state in
            state.queues.forgetUnderWay()
            channel.publish(state.queues.depart(state.waiting.all, at: .now))
            state.channel = channel
            state.waiting = WaitingAnswers()
        }
    }

    /// Why this connection should be given up.
    private func settle(_ settlements: [RabbitMQSettlement]) -> RabbitMQError? {
        state.withLock { $0.queues.settle(settlements, at: .now) }
    }
}

/// The queues that answers are under way to, and those that take none. A pure value.
struct ReplyQueues {
    static let confirmTimeout = Duration.seconds(5)
    /// How long nothing is sent to a queue that accepted nothing.
    static let pause = Duration.seconds(60)
    private static let most = 1_000

    private var lastID: UInt64 = 0
    private var underWay: [UInt64: String] = [:]
    private var stuck: [String: ContinuousClock.Instant] = [:]

    /// What is to be sent now.
    mutating func depart(_ answers: [RabbitMQPublication], at now: ContinuousClock.Instant) -> [RabbitMQPublication] {
        answers.compactMap { answer in
            if let since = stuck[answer.routingKey] {
                guard now >= since + Self.pause else { return nil }
                stuck[answer.routingKey] = nil
            }
            lastID += 1
            underWay[lastID] = answer.routingKey
            var answer = answer
            answer.id = lastID
            answer.confirmTimeout = Self.confirmTimeout
            return answer
        }
    }

    /// Notes the outcomes of answers; returns the error of one that was not confirmed.
    mutating func settle(_ settlements: [RabbitMQSettlement], at now: ContinuousClock.Instant) -> RabbitMQError? {
        var late: RabbitMQError?
        for settlement in settlements {
            guard let queue = underWay.removeValue(forKey: settlement.id),
                case .undecided(let error) = settlement.outcome, error.code == .unconfirmed
            else { continue }
            late = error
            if stuck.count >= Self.most { stuck = stuck.filter { now < $0.value + Self.pause } }
            if stuck.count < Self.most { stuck[queue] = now }
        }
        return late
    }

    mutating func forgetUnderWay() { underWay = [:] }
}

/// Answers for which there is no connection at the moment. What is beyond their bounds is dropped: the asker waits only
/// so long, and asks again.
struct WaitingAnswers {
    static let most = 4_096
    static let maximumBytes = 16_777_216

    private(set) var all: [RabbitMQPublication] = []
    private(set) var bytes = 0

    mutating func add(_ answer: RabbitMQPublication) {
        let size = answer.message.body.count
        guard all.count < Self.most, bytes + size <= Self.maximumBytes else { return }
        all.append(answer)
        bytes += size
    }
}
