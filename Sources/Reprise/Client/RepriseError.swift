package import RepriseKernel

/// Why a call of a client came to nothing.
///
/// What became of an orchestration is told by ``OrchestrationFailed``, ``OrchestrationTerminated`` and ``ResultTimedOut``.
public struct RepriseError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, for programs. An open set: a gateway of a later release may refuse for reasons of its own.
    public struct Code: OpenWord {
        /// The word for it, as refusals have it over HTTP and AMQP.
        public let rawValue: String
        /// A code of this word.
        public init(rawValue: String) { self.rawValue = rawValue }

        package init(_ code: Rejection.Code) { self.init(rawValue: code.rawValue) }

        /// The address is none, or what answers there is no gateway of this hub.
        public static let address = Code(rawValue: "Address")
        /// Nobody answered in time, or a partition is away: nothing is known of the call's effect.
        public static let unavailable = Code(rawValue: "Unavailable")
        /// A proxy or the gateway wants to know who is asking, or does not let them.
        public static let forbidden = Code(rawValue: "Forbidden")
        /// The answer cannot be understood.
        public static let unexpectedAnswer = Code(rawValue: "UnexpectedAnswer")
        /// A value cannot be written as JSON, or JSON is not the value that was asked for.
        public static let unreadablePayload = Code(rawValue: "UnreadablePayload")

        /// There is no instance of this id.
        public static let unknownInstance = Code(.unknownInstance)
        /// No node has an orchestrator of this name.
        public static let unknownOrchestrator = Code(.unknownOrchestrator)
        /// No node serves entities of this name.
        public static let unknownEntity = Code(.unknownEntity)
        /// An instance of this id is there, and the start was not to touch it.
        public static let alreadyExists = Code(.alreadyExists)
        /// The instance has ended, and takes no more commands.
        public static let ended = Code(.ended)
        /// Only what has ended can be purged.
        public static let notEnded = Code(.notEnded)
        /// It is suspended as it is.
        public static let alreadySuspended = Code(.alreadySuspended)
        /// Only what is suspended can be resumed.
        public static let notSuspended = Code(.notSuspended)
        /// Only what has failed can be rewound.
        public static let notFailed = Code(.notFailed)
        /// Too many events wait for this instance already.
        public static let tooManyPending = Code(.tooManyPending)
        /// More bytes than a message or an answer may have; the message says how many.
        public static let tooLarge = Code(.tooLarge)
        /// A name, an id or a value breaks its rules; the message tells.
        public static let invalid = Code(.invalid)
    }

    /// What went wrong, for programs.
    public var code: Code
    /// What happened, where, and what to do about it: a sentence for people, without the payload of anything.
    public var message: String
    /// True when the same call may succeed later, as it is.
    public var isRetriable: Bool
    /// The status of the gateway's answer, where there was one.
    public var httpStatus: Int?
    /// What is behind it, if it is another's error.
    public var underlying: (any Error)?

    /// A refusal, for doubles of a client and for clients of your own.
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
