import Foundation
import RabbitMQ
import RepriseKernel
import RepriseTestSupport
import Synchronization
import Testing

/// Someone who listens to a hub's status messages with a queue of their own making.
struct Stranger: Sendable {
    let queue: String
    private let connection: RabbitMQConnection
    private let channel: RabbitMQChannel

    /// Binds a queue to all that a hub's instances say.
    init(to hub: DeployedHub, _ label: String, arguments: RabbitMQTable = [:]) async throws {
        connection = try await RabbitMQConnection.open(try RabbitMQConnectionConfiguration(url: hub.url)) { _ in }
        channel = try await connection.openChannel(confirms: false)
        queue = "\(label)-\(hub.name)"
        try await channel.declareQueue(queue, arguments: arguments)
        try await channel.bindQueue(queue, to: "reprise.\(hub.name).status", routingKey: "#")
    }

    /// How often each message has come, by its id.
    func take() async throws -> [String: Int] {
        var copies: [String: Int] = [:]
        while let message = try await channel.get(queue, noAck: true) {
            copies[message.properties.messageID ?? "", default: 0] += 1
        }
        return copies
    }

    /// The queue's process takes nothing and confirms nothing.
    func suspend() async throws {
        try await BrokerScript.shared.evaluate("sys:suspend(amqqueue:get_pid(Q))", of: queue)
    }

    func resume() async throws {
        try await BrokerScript.shared.evaluate("sys:resume(amqqueue:get_pid(Q))", of: queue)
    }

    func leave() async throws {
        try await channel.deleteQueue(queue)
        await connection.close()
    }
}
