/// A message on its way to an exchange, with the caller's own number for it.
public struct RabbitMQPublication: Sendable {
    /// Comes back in the `Settlement`. Choose it as you like; no one compares it.
    public var id: UInt64
    /// The empty name is the default exchange: the routing key names the queue.
    public var exchange: String
    /// By which the exchange finds the queues.
    public var routingKey: String
    /// Whether the message shall come back (`.returned`) when no queue wants it. Without it, such a message is
    /// confirmed and lost.
    public var mandatory: Bool
    /// Goes ahead of all that waits in the channel, whatever the limits on it: for the few that someone waits for.
    public var urgent: Bool
    /// How long its confirm may take; `nil` for what the connection is configured with (`confirmTimeout`).
    public var confirmTimeout: Duration?
    /// What is sent.
    public var message: RabbitMQMessage

    /// A publication that comes back when no queue wants it, unless told otherwise.
    public init(
        id: UInt64,
        exchange: String = "",
        routingKey: String,
        mandatory: Bool = true,
        urgent: Bool = false,
        confirmTimeout: Duration? = nil,
        message: RabbitMQMessage
    ) {
        self.id = id
        self.exchange = exchange
        self.routingKey = routingKey
        self.mandatory = mandatory
        self.urgent = urgent
        self.confirmTimeout = confirmTimeout
        self.message = message
    }

    /// The header that names a publication to its sender when it comes back.
    ///
    /// `basic.return` carries no delivery tag, so a returned message is recognized by its `message-id`. Only a
    /// mandatory publication whose `message-id` is missing, or is that of another unsettled one on the channel, gets
    /// this header.
    public static let sequenceHeader = "x-swift-pub-seq-no"
}

/// What became of a publication.
public struct RabbitMQSettlement: Sendable, Equatable {
    /// The caller's number.
    public var id: UInt64
    /// What became of it.
    public var outcome: RabbitMQPublishOutcome

    /// What a broker would say, for tests.
    public init(id: UInt64, outcome: RabbitMQPublishOutcome) {
        self.id = id
        self.outcome = outcome
    }
}

/// The fate of a publication, as far as it is known.
public enum RabbitMQPublishOutcome: Sendable, Equatable {
    /// Every queue that it was routed to has it.
    case confirmed
    /// No queue wanted it.
    case returned(code: UInt16, text: String)
    /// A queue refused it (`basic.nack`), for instance because it is full.
    case rejected
    /// No one knows whether the broker has it. An error of `.unsent`, `.overloaded`, `.blocked`, `.tooLarge` or
    /// `.invalidArgument` says that it was not even sent, one of `.unconfirmed` that the channel lives on without its
    /// confirm.
    case undecided(RabbitMQError)

    /// Whether it was sent, and given up because no confirm came in time.
    public var isUnconfirmed: Bool {
        if case .undecided(let error) = self { error.code == .unconfirmed } else { false }
    }

    /// Two undecided outcomes are equal when the codes of their errors are.
    public static func == (left: RabbitMQPublishOutcome, right: RabbitMQPublishOutcome) -> Bool {
        switch (left, right) {
        case (.confirmed, .confirmed), (.rejected, .rejected): true
        case (.returned(let code, let text), .returned(let otherCode, let otherText)):
            code == otherCode && text == otherText
        case (.undecided(let error), .undecided(let other)): error.code == other.code
        default: false
        }
    }
}
