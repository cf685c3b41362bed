/// A message that the broker handed to a consumer, or that `get` fetched.
public struct RabbitMQDelivery: Sendable {
    /// Names the delivery in `ack` and `nack`, on its own channel only.
    public let tag: UInt64
    /// Empty for `get`.
    public let consumerTag: String
    /// Whether the message was handed out before: a hint, not a proof that anyone saw it.
    public let redelivered: Bool
    /// Where the message was published to; empty for the default exchange.
    public let exchange: String
    /// The routing key that it was published with.
    public let routingKey: String
    /// What came with it.
    public let properties: RabbitMQProperties
    /// Its body, unless that was too large.
    public let body: RabbitMQBody

    /// A delivery, for tests of what handles one.
    public init(
        tag: UInt64,
        consumerTag: String,
        redelivered: Bool,
        exchange: String,
        routingKey: String,
        properties: RabbitMQProperties,
        body: RabbitMQBody
    ) {
        self.tag = tag
        self.consumerTag = consumerTag
        self.redelivered = redelivered
        self.exchange = exchange
        self.routingKey = routingKey
        self.properties = properties
        self.body = body
    }
}

/// The body of a delivery.
public enum RabbitMQBody: Sendable, Equatable {
    /// The whole of it.
    case bytes([UInt8])
    /// The body was larger than `ConnectionConfiguration.maximumBodySize` and was never held in memory. The FNV-1a hash
    /// over all its bytes tells one such message from another.
    case dropped(size: UInt64, fnv1a64: UInt64)

    /// The bytes, unless they were dropped.
    public var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
}
