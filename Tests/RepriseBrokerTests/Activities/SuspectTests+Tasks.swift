import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import ServiceLifecycle
import Synchronization
import Testing

@testable import RepriseBroker

/// Workers, and the tasks that they are sent or have lost.
extension SuspectTests {
    func worker(
        _ test: LiveHub,
        logger: Logger = LiveHub.logger,
        _ body: @escaping @Sendable (String) async -> Void
    ) -> ActivityQueues {
        ActivityQueues(endpoint: test.endpoint, hub: test.hub, runner: Runner(body: body), logger: logger)
    }

    func send(
        _ test: LiveHub,
        _ key: OutboundNumber,
        to queue: String? = nil,
        replyTo: String? = nil,
        isTimed: Bool = false
    ) async throws {
        var message = TaskMessage.sayHello(key: key)
        if isTimed { message.task.timeouts.startToClose = .seconds(60) }
        var task = TaskEnvelope.publication(
            of: message,
            number: key,
            epoch: 1,
            partition: zero,
            names: test.names
        )
        if let replyTo { task.message.properties.replyTo = replyTo }
        let channel = try await test.channel()
        try await until("the queue to take the task") {
            (try? await channel.publish(task.message, routingKey: queue ?? task.routingKey)) != nil
        }
    }

    /// Workers that take the task at the head of a queue and die.
    func lose(_ test: LiveHub, _ queue: String, times: Int) async throws {
        for _ in 0..<times {
            let channel = try await test.channel()
            try await until("the task") { try await channel.get(queue) != nil }
            await channel.close()
        }
    }

    /// Sends a task, loses it, and moves it to where suspects wait, as a worker would.
    func suspect(_ test: LiveHub, _ key: OutboundNumber, replyTo: String? = nil, isTimed: Bool = false)
        async throws
    {
        try await send(test, key, replyTo: replyTo, isTimed: isTimed)
        try await lose(test, test.names.activity(Self.activity), times: QueueArguments.lossesOfSuspects)
        let channel = try await test.channel()
        let lost = try await untilFound("the task") { try await channel.get(test.names.activity(Self.activity)) }
        let moved = try #require(
            TaskEnvelope.publication(ofSuspect: ReceivedMessage(lost), queue: test.names.suspects(Self.activity))
        )
        #expect(moved.message.properties.headers[Header.deliveryCount] == nil)
        try await channel.publish(moved.message, routingKey: moved.routingKey, mandatory: true)
        channel.ack(lost.tag)
        await channel.close()
    }

    func declare(_ test: LiveHub) async throws {
        try await ActivityQueues(
            endpoint: test.endpoint,
            hub: test.hub,
            runner: Runner { _ in },
            logger: LiveHub.logger
        ).declare()
    }
}
