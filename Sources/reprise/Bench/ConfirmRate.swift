import RabbitMQ
import RepriseBroker
import Synchronization

/// What the broker alone can do: how many messages a second it confirms.
final class ConfirmRate: Sendable {
    private static let window = 500
    private static let bodySize = 1_024
    private static let duration = Duration.seconds(3)

    private let access: HubAccess
    private let state = Mutex(State())

    private struct State {
        var confirmed = 0
        var unsettled = 0
        var start = ContinuousClock.now
        var end = ContinuousClock.now
        var channel: RabbitMQChannel?
        var problem: String?
    }

    init(access: HubAccess) { self.access = access }

    /// - Returns: confirmed messages per second.
    func measure() async throws -> Double {
        LiveLine().show("measuring the broker alone …")
        do {
            let connection = try await RabbitMQConnection.open(access.endpoint.configuration)
            let queue = "reprise.\(access.hub).bench.\(RandomName.make())"
            let keeper = try await connection.openChannel(confirms: false)
            // The broker deletes it when we are killed.
            try await keeper.declareQueue(queue, arguments: ["x-queue-type": "quorum", "x-expires": 60_000])
            let channel = try await connection.openChannel { [self] event in handle(event, queue) }
            state.withLock { state in
                state.start = .now
                state.unsettled = Self.window
                state.channel = channel
            }
            publish(Self.window, to: queue)
            repeat {
                try await ContinuousClock().sleep(for: .milliseconds(20))
            } while state.withLock { $0.unsettled > 0 && $0.problem == nil }
            let (rate, problem) = state.withLock { state in
                state.channel = nil
                return (Double(state.confirmed) / (state.end - state.start).seconds, state.problem)
            }
            try await keeper.deleteQueue(queue)
            await connection.close()
            if let problem { throw CommandFailure(.unavailable, "the broker at \(access.endpoint.place): \(problem)") }
            return rate
        } catch let error as RabbitMQError {
            throw CommandFailure(.unavailable, "the broker at \(access.endpoint.place): \(error.message)")
        }
    }

    // MARK: On the connection's thread

    private func handle(_ event: RabbitMQChannelEvent, _ queue: String) {
        switch event {
        case .settled(let settlements):
            let more = state.withLock { state in
                let now = ContinuousClock.now
                state.unsettled -= settlements.count
                state.confirmed += settlements.count { $0.outcome == .confirmed }
                state.end = now
                if let other = settlements.first(where: { $0.outcome != .confirmed }) {
                    state.problem = "a message was not accepted: \(other.outcome)"
                }
                let more = now - state.start < Self.duration ? settlements.count : 0
                // At once: nothing unsettled means everything is done.
                state.unsettled += more
                return more
            }
            publish(more, to: queue)
        case .closed(let error): state.withLock { if $0.channel != nil { $0.problem = error.message } }
        case .deliveries, .consumerCancelled, .flow: break
        }
    }

    private func publish(_ count: Int, to queue: String) {
        guard count > 0, let channel = state.withLock({ $0.channel }) else { return }
        let body = [UInt8](repeating: 0x2E, count: Self.bodySize)
        let publications = (0..<count).map { number in
            RabbitMQPublication(
                id: UInt64(number),
                routingKey: queue,
                mandatory: false,
                message: RabbitMQMessage(body: body)
            )
        }
        channel.publish(publications)
    }
}
