import Foundation
import RabbitMQ
import RepriseTestSupport
import Testing

/// The broker that all tests share. `infra/test` starts it.
enum TestBroker {
    static func configuration() throws -> RabbitMQConnectionConfiguration {
        var configuration = try RabbitMQConnectionConfiguration(url: try TestEnvironment.brokerURL)
        configuration.name = "RabbitMQTests"
        return configuration
    }

    /// A connection that is closed when `body` ends.
    static func withConnection<Result>(
        _ configuration: RabbitMQConnectionConfiguration? = nil,
        recorder: ConnectionRecorder? = nil,
        _ body: (RabbitMQConnection) async throws -> Result
    ) async throws -> Result {
        let connection = try await RabbitMQConnection.open(try configuration ?? Self.configuration()) {
            recorder?.record($0)
        }
        do {
            let result = try await body(connection)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Makes one of the mistakes for which RabbitMQ closes the whole connection: basic.get on a stream.
    static func loseConnection(over channel: RabbitMQChannel) async throws -> RabbitMQError? {
        let stream = uniqueName("stream")
        try await channel.declareQueue(stream, arguments: ["x-queue-type": "stream"])
        let error = await #expect(throws: RabbitMQError.self) { try await channel.get(stream) }
        try await withConnection { connection in _ = try await connection.openChannel().deleteQueue(stream) }
        return error
    }

    /// A name that no other test uses.
    static func uniqueName(_ what: String) -> String { "test.\(what).\(UUID().uuidString.prefix(8))" }
}

extension RabbitMQConnection {
    /// A channel, and what happens on it.
    func openRecordedChannel(confirms: Bool = true) async throws -> (RabbitMQChannel, ChannelRecorder) {
        let recorder = ChannelRecorder()
        let channel = try await openChannel(confirms: confirms) { recorder.record($0) }
        return (channel, recorder)
    }
}

extension RabbitMQPublication {
    static func text(_ id: UInt64, _ text: String, to queue: String, mandatory: Bool = true, messageID: String? = nil)
        -> RabbitMQPublication
    {
        RabbitMQPublication(
            id: id,
            routingKey: queue,
            mandatory: mandatory,
            message: RabbitMQMessage(properties: RabbitMQProperties(messageID: messageID), body: Array(text.utf8))
        )
    }
}
