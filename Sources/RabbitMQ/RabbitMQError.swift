/// What went wrong between this process and the broker, and what the caller may do about it.
///
/// Every function of this module throws this one type. `code` is for programs, `message` is one sentence for people:
/// what happened, where, and what to do. Neither ever contains a password or the body of a message.
public struct RabbitMQError: Error, Sendable, CustomStringConvertible {
    /// The class of the failure: compare it, but do not switch over it exhaustively (codes may be added).
    public let code: Code
    /// One sentence for people.
    public let message: String
    /// The reply code of AMQP, when the broker itself said what was wrong.
    public let replyCode: UInt16?

    /// An error, for test doubles of a connection.
    public init(_ code: Code, _ message: String, replyCode: UInt16? = nil) {
        self.code = code
        self.message = message
        self.replyCode = replyCode
    }

    /// Whether the same call may succeed later, on a new connection or channel, without any change to the program or
    /// its configuration.
    public var isRetriable: Bool { Code.retriable.contains(code) }

    /// Whether another broker of the same cluster may do what this one did not: it may be cut off, or short of
    /// resources, or without a replica of the stream.
    var mayNotBeSoElsewhere: Bool { Code.ofOneBroker.contains(code) }

    public var description: String {
        if let replyCode { "\(code) (\(replyCode)): \(message)" } else { "\(code): \(message)" }
    }
}

extension RabbitMQError {
    /// An open set of failure classes.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String

        private init(_ description: String) { self.description = description }

        /// Nothing listens at that host and port, or the host does not resolve.
        public static let refused = Code("refused")
        /// The broker does not accept this user and password.
        public static let authentication = Code("authentication")
        /// 403: the user may not do this, or another consumer holds the queue exclusively.
        public static let accessRefused = Code("accessRefused")
        /// 404: no such queue or exchange. Also 530 for a virtual host that does not exist.
        public static let notFound = Code("notFound")
        /// 405: the queue is exclusive to another connection.
        public static let resourceLocked = Code("resourceLocked")
        /// 406: the entity exists with other arguments, a delivery tag is unknown, a consumer took too long.
        public static let preconditionFailed = Code("preconditionFailed")
        /// 530 and 540: the broker does not allow this, or does not implement it.
        public static let notAllowed = Code("notAllowed")
        /// The broker has a resource alarm and reads nothing from this connection for now.
        public static let blocked = Code("blocked")
        /// The channel's queue of publications is full: publish more slowly, or enlarge it.
        public static let overloaded = Code("overloaded")
        /// The broker was silent for two heartbeats.
        public static let heartbeatTimeout = Code("heartbeatTimeout")
        /// A write made no progress for two heartbeats and was aborted.
        public static let stalled = Code("stalled")
        /// The connection broke, or the broker is shutting down.
        public static let connectionLost = Code("connectionLost")
        /// No answer in time.
        public static let timedOut = Code("timedOut")
        /// The TLS handshake or the verification of the broker's certificate failed.
        public static let tls = Code("tls")
        /// The peer does not speak AMQP 0-9-1 as agreed.
        public static let protocolViolation = Code("protocolViolation")
        /// The broker gave up with an internal error (541).
        public static let brokerFailure = Code("brokerFailure")
        /// The URL cannot be used.
        public static let invalidURL = Code("invalidURL")
        /// An argument cannot be sent: a name longer than 255 bytes, a table nested too deeply.
        public static let invalidArgument = Code("invalidArgument")
        /// A body or a set of properties is larger than what may be sent.
        public static let tooLarge = Code("tooLarge")
        /// The publication was returned because it matched no queue.
        public static let returned = Code("returned")
        /// The broker refused the publication (`basic.nack`), for instance because a queue is full.
        public static let rejected = Code("rejected")
        /// The broker did not confirm a publication in time. It may have the message, and deliver it later.
        public static let unconfirmed = Code("unconfirmed")
        /// A publication could not be sent in time because of those ahead of it: the broker does not have it.
        public static let unsent = Code("unsent")
        /// This side closed the channel or the connection.
        public static let closed = Code("closed")
        /// The waiting task was canceled.
        public static let cancelled = Code("cancelled")

        static let ofOneBroker: Set<Code> = [
            .brokerFailure, .overloaded, .preconditionFailed, .timedOut, .unconfirmed, .unsent,
        ]

        static let retriable: Set<Code> = [
            .refused, .accessRefused, .resourceLocked, .blocked, .overloaded, .heartbeatTimeout, .stalled,
            .connectionLost, .timedOut, .brokerFailure, .returned, .rejected, .unconfirmed,
            .unsent,
        ]
    }
}

extension RabbitMQError.Code {
    /// The class of an AMQP reply code from the broker.
    init(replyCode: UInt16) {
        self =
            switch replyCode {
            case 311: .tooLarge
            case 312, 313: .returned
            case 320: .connectionLost
            case 402, 404: .notFound
            case 403: .accessRefused
            case 405: .resourceLocked
            case 406: .preconditionFailed
            case 506: .overloaded
            case 530, 540: .notAllowed
            case 541: .brokerFailure
            default: .protocolViolation
            }
    }
}
