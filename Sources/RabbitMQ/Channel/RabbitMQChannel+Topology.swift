/// The kind of an exchange: how it chooses queues.
public struct RabbitMQExchangeKind: Sendable, Hashable, ExpressibleByStringLiteral {
    /// The name that the broker knows, for kinds of its plugins too.
    public var name: String

    /// A kind by its name, such as that of a plugin.
    public init(_ name: String) { self.name = name }
    public init(stringLiteral value: String) { self.name = value }

    /// Routes to the queues that are bound with exactly the routing key.
    public static let direct = RabbitMQExchangeKind("direct")
    /// Routes to every queue that is bound.
    public static let fanout = RabbitMQExchangeKind("fanout")
    /// Routes to the queues whose pattern (`*`, `#`) the routing key matches.
    public static let topic = RabbitMQExchangeKind("topic")
    /// Routes to the queues whose headers the message has.
    public static let headers = RabbitMQExchangeKind("headers")
}

/// What the broker says about a queue that was declared.
public struct RabbitMQQueueInfo: Sendable, Equatable {
    /// The queue's name; where the broker chose it, that.
    public var name: String
    /// Messages ready for delivery. Always 0 for a stream.
    public var messageCount: Int
    /// How many consumers it has.
    public var consumerCount: Int

    /// What a broker would say, for tests.
    public init(name: String, messageCount: Int, consumerCount: Int) {
        self.name = name
        self.messageCount = messageCount
        self.consumerCount = consumerCount
    }
}

extension RabbitMQChannel {
    /// Makes sure that an exchange exists.
    ///
    /// - Throws: `.preconditionFailed` when it exists with other arguments; with `passive`, `.notFound` when it does not
    ///   exist. Both close the channel.
    public func declareExchange(
        _ name: String,
        kind: RabbitMQExchangeKind,
        durable: Bool = true,
        autoDelete: Bool = false,
        internal isInternal: Bool = false,
        passive: Bool = false,
        arguments: RabbitMQTable = [:]
    ) async throws(RabbitMQError) {
        let exchange = ExchangeDeclaration(
            name: name,
            kind: kind.name,
            durable: durable,
            autoDelete: autoDelete,
            isInternal: isInternal,
            passive: passive,
            arguments: arguments
        )
        _ = try await call(.declareExchange(exchange))
    }

    /// Deletes an exchange; does nothing when there is none of that name.
    public func deleteExchange(_ name: String, ifUnused: Bool = false) async throws(RabbitMQError) {
        _ = try await call(.deleteExchange(name, ifUnused: ifUnused))
    }

    /// Routes what `source` gets, and `routingKey` matches, to the exchange `destination` as well.
    public func bindExchange(
        _ destination: String,
        to source: String,
        routingKey: String = "",
        arguments: RabbitMQTable = [:]
    ) async throws(RabbitMQError) {
        _ = try await call(
            .bindExchange(
                Binding(destination: destination, source: source, routingKey: routingKey, arguments: arguments)
            )
        )
    }

    /// Undoes `bindExchange` with the same arguments.
    public func unbindExchange(
        _ destination: String,
        from source: String,
        routingKey: String = "",
        arguments: RabbitMQTable = [:]
    ) async throws(RabbitMQError) {
        _ = try await call(
            .unbindExchange(
                Binding(destination: destination, source: source, routingKey: routingKey, arguments: arguments)
            )
        )
    }

    /// Makes sure that a queue exists. With an empty name the broker invents one.
    ///
    /// - Throws: `.preconditionFailed` when it exists with other arguments, `.resourceLocked` when it is exclusive to
    ///   another connection; with `passive`, `.notFound` when it does not exist. All of them close the channel.
    @discardableResult
    public func declareQueue(
        _ name: String = "",
        durable: Bool = true,
        exclusive: Bool = false,
        autoDelete: Bool = false,
        passive: Bool = false,
        arguments: RabbitMQTable = [:]
    ) async throws(RabbitMQError) -> RabbitMQQueueInfo {
        let queue = QueueDeclaration(
            name: name,
            durable: durable,
            exclusive: exclusive,
            autoDelete: autoDelete,
            passive: passive,
            arguments: arguments
        )
        let reply = try await call(.declareQueue(queue))
        guard case .queueDeclared(let info) = reply else { throw Self.unexpected(reply) }
        return info
    }

    /// Deletes a queue and says how many messages went with it; 0 when there is none of that name.
    @discardableResult
    public func deleteQueue(_ name: String, ifUnused: Bool = false, ifEmpty: Bool = false) async throws(RabbitMQError)
        -> Int
    {
        try await count(.deleteQueue(name, ifUnused: ifUnused, ifEmpty: ifEmpty))
    }

    /// Removes the messages that are ready in a queue and says how many there were. On a stream the broker closes the
    /// whole connection.
    @discardableResult
    public func purgeQueue(_ name: String) async throws(RabbitMQError) -> Int {
        try await count(.purgeQueue(name))
    }

    /// Routes what `exchange` gets, and `routingKey` matches, to a queue.
    public func bindQueue(
        _ queue: String,
        to exchange: String,
        routingKey: String = "",
        arguments: RabbitMQTable = [:]
    ) async throws(RabbitMQError) {
        _ = try await call(
            .bindQueue(Binding(destination: queue, source: exchange, routingKey: routingKey, arguments: arguments))
        )
    }

    /// Undoes `bindQueue` with the same arguments.
    public func unbindQueue(
        _ queue: String,
        from exchange: String,
        routingKey: String = "",
        arguments: RabbitMQTable = [:]
    ) async throws(RabbitMQError) {
        _ = try await call(
            .unbindQueue(Binding(destination: queue, source: exchange, routingKey: routingKey, arguments: arguments))
        )
    }

    private func count(_ request: Request) async throws(RabbitMQError) -> Int {
        let reply = try await call(request)
        guard case .messageCount(let count) = reply else { throw Self.unexpected(reply) }
        return count
    }
}
