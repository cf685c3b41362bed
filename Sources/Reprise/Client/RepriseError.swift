package import RepriseKernel

/// Why a client's call failed.
///
/// The outcome of an orchestration is reported by ``OrchestrationFailed``, ``OrchestrationCanceled``, ``OrchestrationTerminated`` and
/// ``ResultTimedOut``.
public struct RepriseError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, for programs. An open set: a later release of the gateway may refuse for other reasons.
    public struct Code: OpenWord {
        /// The code as it appears in refusals over HTTP and AMQP.
        public let rawValue: String
        /// The code with this raw value.
        public init(rawValue: String) { self.rawValue = rawValue }

        package init(_ code: Rejection.Code) { self.init(rawValue: code.rawValue) }

        /// The address is not valid, or what answers there is not a gateway of this hub.
        public static let address = Code(rawValue: "Address")
        /// No answer came in time, or a partition is unavailable: the effect of the call is unknown.
        public static let unavailable = Code(rawValue: "Unavailable")
        /// A proxy or the gateway requires authentication, or denies access.
        public static let forbidden = Code(rawValue: "Forbidden")
        /// The answer cannot be understood.
        public static let unexpectedAnswer = Code(rawValue: "UnexpectedAnswer")
        /// A value cannot be written as JSON, or JSON does not decode as the requested type.
        public static let unreadablePayload = Code(rawValue: "UnreadablePayload")

        /// There is no instance with this id.
        public static let unknownInstance = Code(.unknownInstance)
        /// No node has an orchestrator with this name.
        public static let unknownOrchestrator = Code(.unknownOrchestrator)
        /// No node serves entities with this name.
        public static let unknownEntity = Code(.unknownEntity)
        /// An instance with this id exists, and the start was not allowed to replace or use it.
        public static let alreadyExists = Code(.alreadyExists)
        /// The instance has ended, and accepts no more commands.
        public static let ended = Code(.ended)
        /// Only an instance that has ended can be purged.
        public static let notEnded = Code(.notEnded)
        /// It is already suspended.
        public static let alreadySuspended = Code(.alreadySuspended)
        /// Only a suspended instance can be resumed.
        public static let notSuspended = Code(.notSuspended)
        /// Only a failed instance can be rewound.
        public static let notFailed = Code(.notFailed)
        /// Too many events are already waiting for this instance.
        public static let tooManyPending = Code(.tooManyPending)
        /// More bytes than a message or an answer may have; the message says how many.
        public static let tooLarge = Code(.tooLarge)
        /// A name, an id or a value breaks its rules; the message says which.
        public static let invalid = Code(.invalid)
    }

    /// What went wrong, for programs.
    public var code: Code
    /// What happened, where, and what to do about it: a sentence for people that never contains a payload.
    public var message: String
    /// True when the same call, unchanged, may succeed later.
    public var isRetriable: Bool
    /// The status of the gateway's answer, where there was one.
    public var httpStatus: Int?
    /// The underlying error, if there is one.
    public var underlying: (any Error)?

    /// An error, for test doubles of a client and for clients of your own.
    public init(
        _ code: Code,
        _ message: String,
        isRetriable: Bool = false,
        httpStatus: Int? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.isRetriable = isRetriable
        self.httpStatus = httpStatus
        self.underlying = underlying
    }

    package init(_ rejection: Rejection) { self.init(Code(rejection.code), rejection.reason) }

    public var description: String { message }
}
