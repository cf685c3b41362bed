import Logging
import RabbitMQ
import Synchronization

/// The way out for answers: a connection of its own.
///
/// A `reply_to` is a stranger's word, and there are words at which a broker gives up the whole connection. Here that
/// costs the answers that were under way; on a connection that holds locks or forwards commands it would cost those.
final class AnswerLine: Sendable {
    private struct State {
        var channel: Channel?
        /// What came while there was no channel.
        var waiting = WaitingAnswers()
    }

    private let state = Mutex(State())

    /// Hands answers over, best effort. Never waits.
    func publish(_ answers: [Publication]) {
        state.withLock { state in
            if let channel = state.channel, channel.publish(answers) { return }
            for answer in answers { state.waiting.add(answer) }
        }
    }

    /// Keeps the connection open until the task is cancelled.
    func run(at endpoint: BrokerEndpoint, for purpose: String, logger: Logger) async throws {
        // Short, since whoever makes it end makes others wait.
        let backoff = Backoff(base: .milliseconds(50), cap: .seconds(1))
        try await Reconnecting(endpoint: endpoint, purpose: purpose, logger: logger, backoff: backoff).run { live in
            let ended = Once<RabbitMQError>()
            let channel = try await live.connection.openChannel(confirms: false) { event in
                if case .closed(let error) = event { ended.set(error) }
            }
            open(channel)
            defer { state.withLock { $0.channel = nil } }
            if let error = await ended.value() { throw error }
        }
    }

    private func open(_ channel: Channel) {
        state.withLock { state in
            channel.publish(state.waiting.all)
            state = State(channel: channel)
        }
    }
}

/// Answers for which there is no connection just now. What is beyond their bounds is dropped: whoever asks waits for so
/// long, and asks again.
struct WaitingAnswers {
    static let most = 4_096
    static let mostBytes = 16_777_216

    private(set) var all: [Publication] = []
    private(set) var bytes = 0

    mutating func add(_ answer: Publication) {
        let size = answer.message.body.count
        guard all.count < Self.most, bytes + size <= Self.mostBytes else { return }
        all.append(answer)
        bytes += size
    }
}
