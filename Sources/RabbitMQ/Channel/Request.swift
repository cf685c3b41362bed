/// A method that the broker answers, as a value.
enum Request: Sendable {
    case openChannel
    case closeChannel
    case selectConfirms
    case declareExchange(ExchangeDeclaration)
    case deleteExchange(String, ifUnused: Bool)
    case bindExchange(Binding)
    case unbindExchange(Binding)
    case declareQueue(QueueDeclaration)
    case deleteQueue(String, ifUnused: Bool, ifEmpty: Bool)
    case purgeQueue(String)
    case bindQueue(Binding)
    case unbindQueue(Binding)
    case setPrefetch(UInt16)
    case consume(Subscription)
    case cancel(String)
    case get(String, noAck: Bool)
}

struct ExchangeDeclaration: Sendable {
    var name: String
    var kind: String
    var durable: Bool
    var autoDelete: Bool
    var isInternal: Bool
    var passive: Bool
    var arguments: RabbitMQTable
}

struct QueueDeclaration: Sendable {
    var name: String
    var durable: Bool
    var exclusive: Bool
    var autoDelete: Bool
    var passive: Bool
    var arguments: RabbitMQTable
}

struct Binding: Sendable {
    var destination: String
    var source: String
    var routingKey: String
    var arguments: RabbitMQTable
}

struct Subscription: Sendable {
    var queue: String
    var tag: String
    var exclusive: Bool
    var noAck: Bool
    var arguments: RabbitMQTable
}

/// The broker's answer to a request.
enum Reply: Sendable {
    case done
    case queueDeclared(RabbitMQQueueInfo)
    case messageCount(Int)
    case consuming(tag: String)
    case got(RabbitMQDelivery?)
}

extension Request {
    /// What was requested, without arguments, for error messages.
    var name: String {
        switch self {
        case .openChannel: "opening a channel"
        case .closeChannel: "closing a channel"
        case .selectConfirms: "turning on confirms"
        case .declareExchange(let exchange): "declaring the exchange '\(exchange.name)'"
        case .deleteExchange(let name, _): "deleting the exchange '\(name)'"
        case .bindExchange(let binding): "binding the exchange '\(binding.destination)'"
        case .unbindExchange(let binding): "unbinding the exchange '\(binding.destination)'"
        case .declareQueue(let queue): "declaring the queue '\(queue.name)'"
        case .deleteQueue(let name, _, _): "deleting the queue '\(name)'"
        case .purgeQueue(let name): "purging the queue '\(name)'"
        case .bindQueue(let binding): "binding the queue '\(binding.destination)'"
        case .unbindQueue(let binding): "unbinding the queue '\(binding.destination)'"
        case .setPrefetch: "setting the prefetch"
        case .consume(let consumer): "consuming from the queue '\(consumer.queue)'"
        case .cancel(let tag): "canceling the consumer '\(tag)'"
        case .get(let queue, _): "fetching from the queue '\(queue)'"
        }
    }

    /// Throws `.invalidArgument` or `.tooLarge` for what AMQP cannot carry, where librabbitmq would send garbage.
    func validate(frameMax: Int) throws(RabbitMQError) {
        switch self {
        case .openChannel, .closeChannel, .selectConfirms, .setPrefetch: break
        case .declareExchange(let exchange):
            try WireSize.requireShort(exchange.name, "The exchange's name")
            try WireSize.requireShort(exchange.kind, "The exchange's kind")
            try WireSize.require(exchange.arguments, "The arguments", fitInto: frameMax)
        case .declareQueue(let queue):
            try WireSize.requireShort(queue.name, "The queue's name")
            try WireSize.require(queue.arguments, "The arguments", fitInto: frameMax)
        case .bindExchange(let binding), .unbindExchange(let binding), .bindQueue(let binding),
            .unbindQueue(let binding):
            try WireSize.requireShort(binding.destination, "The destination's name")
            try WireSize.requireShort(binding.source, "The source's name")
            try WireSize.requireShort(binding.routingKey, "The routing key")
            try WireSize.require(binding.arguments, "The arguments", fitInto: frameMax)
        case .consume(let consumer):
            try WireSize.requireShort(consumer.queue, "The queue's name")
            try WireSize.requireShort(consumer.tag, "The consumer's tag")
            try WireSize.require(consumer.arguments, "The arguments", fitInto: frameMax)
        case .deleteExchange(let name, _), .deleteQueue(let name, _, _), .purgeQueue(let name), .cancel(let name),
            .get(let name, _):
            try WireSize.requireShort(name, "The name")
        }
    }
}
