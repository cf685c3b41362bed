import RabbitMQ
package import RepriseKernel

/// Watches a hub's status messages for a while, for the command line: nothing is kept when it ends.
package struct StatusWatch: Sendable {
    private let endpoint: BrokerEndpoint
    private let names: HubNames

    package init(endpoint: BrokerEndpoint, hub: HubName) {
        self.endpoint = endpoint
        self.names = HubNames(hub)
    }

    /// Runs `body` with the messages about one instance (or, without `instance`, about all), from before it is called.
    ///
    /// The messages end when the connection is lost. Messages published while the exchange is deleted are missed. The
    /// broker holds what `body` has not read yet: a slow reader does not slow down others.
    ///
    /// - Throws: ``HubError`` with the code `.noSuchHub` or `.broker`, or what `body` throws.
    package func run<Result: Sendable>(
        instance: InstanceID? = nil,
        _ body: @Sendable (Messages) async throws -> Result
    ) async throws -> Result {
        let live: LiveConnection
        let messages: Messages
        let queue = names.watch(RandomID.make())
        do {
            live = try await endpoint.open(for: "watch")
            let consumer = try await Consumer.open(on: live.connection, confirms: false)
            try await consumer.channel.declareQueue(queue, durable: false, exclusive: true, autoDelete: true)
            try await consumer.channel.bindQueue(queue, to: names.statuses, routingKey: "#")
            try await consumer.consume(queue, prefetch: 500, exclusive: true)
            messages = Messages(consumer: consumer, instance: instance)
        } catch  where error.code == .notFound {
            throw HubError(
                .noSuchHub,
                "there is no hub '\(names.hub)' on the broker at \(endpoint.place): start a node first, or check the name",
                underlying: error
            )
        } catch {
            throw HubError(.broker, "the broker at \(endpoint.place): \(error.message)", underlying: error)
        }
        do {
            async let _: Void = live.connection.keepBound(queue, to: names.statuses, routingKey: "#")
            let result = try await body(messages)
            await live.connection.close()
            return result
        } catch {
            await live.connection.close()
            throw error
        }
    }

    /// The status messages as they come; for one reader.
    package struct Messages: AsyncSequence, Sendable {
        package typealias Element = StatusMessage
        fileprivate let consumer: Consumer
        fileprivate let instance: InstanceID?

        package func makeAsyncIterator() -> Iterator { Iterator(messages: self) }

        package struct Iterator: AsyncIteratorProtocol {
            fileprivate let messages: Messages
            private var ready: [StatusMessage] = []
            private var next = 0

            fileprivate init(messages: Messages) { self.messages = messages }

            package mutating func next() async -> StatusMessage? {
                while next == ready.count {
                    guard let deliveries = await messages.consumer.next() else { return nil }
                    ready = deliveries.compactMap { try? StatusEnvelope.read(ReceivedMessage($0)) }
                        .filter { messages.instance == nil || $0.instance == messages.instance }
                    next = 0
                    messages.consumer.ack(deliveries)
                }
                defer { next += 1 }
                return ready[next]
            }
        }
    }
}
