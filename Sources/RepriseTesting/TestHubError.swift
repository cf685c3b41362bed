import Reprise
public import RepriseKernel

/// Why a call of a ``TestHub`` or a ``ReplayTester`` came to nothing.
public struct TestHubError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, for programs. An open set; refusals have the codes that every client of a hub gets.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        /// The orchestration whose result was waited for has failed; see ``TestHubError/failure``.
        public static let failed = Code(rawValue: "Failed")
        /// The orchestration whose result was waited for was terminated.
        public static let terminated = Code(rawValue: "Terminated")
        /// Nothing can happen any more, and the orchestration has not ended: the message says what it waits for.
        public static let stuck = Code(rawValue: "Stuck")
        /// Simulated time went as far as it was allowed to, and the orchestration has not ended.
        public static let timeLimit = Code(rawValue: "TimeLimit")
        /// Steps follow steps without end and without time passing.
        public static let endless = Code(rawValue: "Endless")
        /// An orchestrator called an activity that the hub neither has nor has a stub for.
        public static let unknownActivity = Code(rawValue: "UnknownActivity")
        /// A value cannot be written as JSON, or JSON is not the value that was asked for.
        public static let unreadablePayload = Code(rawValue: "UnreadablePayload")
        /// A file cannot be read, or is no history.
        public static let unreadableHistory = Code(rawValue: "UnreadableHistory")
        /// A name or an id breaks its rules.
        public static let invalid = Code(rawValue: "Invalid")
        /// The engine broke its own contract: a bug of Reprise.
        public static let engine = Code(rawValue: "Engine")

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
    }

    public var code: Code
    /// What happened, and what to do about it: a sentence for people.
    public var message: String
    /// Why the orchestration failed, where it did.
    public var failure: Failure?

    init(_ code: Code, _ message: String, failure: Failure? = nil) {
        self.code = code
        self.message = message
        self.failure = failure
    }

    init(_ rejection: Rejection) {
        self.init(Code(rawValue: rejection.code.rawValue), rejection.reason)
    }

    public var description: String { message }
}

extension Payload {
    /// - Parameter what: what it is, for the sentence when it is no `Value`.
    func decoded<Value: Decodable>(as type: Value.Type, _ what: String) throws(TestHubError) -> Value {
        do {
            return try PayloadCoding.decode(type, from: self, as: what)
        } catch {
            throw TestHubError(.unreadablePayload, error.message, failure: error)
        }
    }

    static func encoded(_ value: some Encodable, _ what: String) throws(TestHubError) -> Payload {
        do {
            return try PayloadCoding.encode(value, as: what)
        } catch {
            throw TestHubError(.unreadablePayload, error.message, failure: error)
        }
    }
}
