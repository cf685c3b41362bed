import RepriseKernel

/// Why a call of the client came to nothing.
///
/// What became of an orchestration is told by ``OrchestrationFailed``, ``OrchestrationTerminated`` and ``ResultTimedOut``.
public struct RepriseClientError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, for programs. An open set: a gateway of a later release may refuse for reasons of its own.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

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

        public static let unknownInstance = Code(rawValue: Rejection.Code.unknownInstance.rawValue)
        public static let unknownOrchestrator = Code(rawValue: Rejection.Code.unknownOrchestrator.rawValue)
        public static let unknownEntity = Code(rawValue: Rejection.Code.unknownEntity.rawValue)
        /// An instance of this id is there, and the start was not to touch it.
        public static let alreadyExists = Code(rawValue: Rejection.Code.alreadyExists.rawValue)
        /// The instance has ended, and takes no more commands.
        public static let ended = Code(rawValue: Rejection.Code.ended.rawValue)
        /// Only what has ended can be purged.
        public static let notEnded = Code(rawValue: Rejection.Code.notEnded.rawValue)
        public static let alreadySuspended = Code(rawValue: Rejection.Code.alreadySuspended.rawValue)
        public static let notSuspended = Code(rawValue: Rejection.Code.notSuspended.rawValue)
        /// Only what has failed can be rewound.
        public static let notFailed = Code(rawValue: Rejection.Code.notFailed.rawValue)
        /// Too many events wait for this instance already.
        public static let tooManyPending = Code(rawValue: Rejection.Code.tooManyPending.rawValue)
        public static let tooLarge = Code(rawValue: Rejection.Code.tooLarge.rawValue)
        /// Refused for what it says; the message tells.
        public static let invalid = Code(rawValue: Rejection.Code.invalid.rawValue)
    }

    public var code: Code
    /// What happened, where, and what to do about it: a sentence for people, without the payload of anything.
    public var message: String
    /// True when the same call may succeed later, as it is.
    public var isRetriable: Bool
    /// The status of the gateway's answer, where there was one.
    public var httpStatus: Int?
    public var underlying: (any Error)?

    init(
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

    public var description: String { message }
}
