import Foundation
import RabbitMQ
import RepriseTestSupport
import Testing

@testable import RepriseBroker

/// A queue whose process takes nothing and confirms nothing.
struct StuckQueue: Sendable {
    let name: String

    /// Makes the queue, and stops it.
    static func make(_ name: String, on channel: RabbitMQChannel) async throws -> StuckQueue {
        try await channel.declareQueue(name)
        let queue = StuckQueue(name: name)
        try await queue.evaluate("sys:suspend(amqqueue:get_pid(Q))")
        return queue
    }

    func resume() async throws { try await evaluate("sys:resume(amqqueue:get_pid(Q))") }

    private func evaluate(_ expression: String) async throws {
        try await BrokerScript.shared.evaluate(expression, of: name)
    }
}
