/// What a queue carries: properties and a body.
public struct RabbitMQMessage: Sendable, Equatable {
    /// What is said about it.
    public var properties: RabbitMQProperties
    /// Its bytes: `ConnectionConfiguration.maximumBodySize` at most.
    public var body: [UInt8]

    /// A message; a persistent one, unless the properties say otherwise.
    public init(properties: RabbitMQProperties = RabbitMQProperties(), body: [UInt8] = []) {
        self.properties = properties
        self.body = body
    }
}

/// The properties of a message, as AMQP 0-9-1 knows them.
///
/// Each text takes at most 255 bytes; all of them and the headers together must fit into one frame.
public struct RabbitMQProperties: Sendable, Equatable {
    /// What the body is: `application/json`.
    public var contentType: String?
    /// How the body is packed: `gzip`.
    public var contentEncoding: String?
    /// What else goes with it, by name.
    public var headers: RabbitMQTable = [:]
    /// Whether the message shall survive a restart of the broker (`delivery-mode` 2).
    public var persistent = true
    /// From 0; counts in queues that have priorities.
    public var priority: UInt8?
    /// Which request it answers.
    public var correlationID: String?
    /// The queue that an answer is to go to.
    public var replyTo: String?
    /// Milliseconds, as text: how long the message may wait in a queue.
    public var expiration: String?
    /// Names the message: what a reader tells duplicates by.
    public var messageID: String?
    /// Seconds since 1970.
    public var timestamp: Int64?
    /// What kind of message it is, for its reader.
    public var type: String?
    /// Must be the connection's user name: the broker checks it.
    public var userID: String?
    /// Which program sent it.
    public var appID: String?

    /// Properties of what is given; persistent unless told otherwise.
    public init(
        contentType: String? = nil,
        contentEncoding: String? = nil,
        headers: RabbitMQTable = [:],
        persistent: Bool = true,
        priority: UInt8? = nil,
        correlationID: String? = nil,
        replyTo: String? = nil,
        expiration: String? = nil,
        messageID: String? = nil,
        timestamp: Int64? = nil,
        type: String? = nil,
        userID: String? = nil,
        appID: String? = nil
    ) {
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.headers = headers
        self.persistent = persistent
        self.priority = priority
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.expiration = expiration
        self.messageID = messageID
        self.timestamp = timestamp
        self.type = type
        self.userID = userID
        self.appID = appID
    }
}
