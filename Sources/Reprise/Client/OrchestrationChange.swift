public import Foundation
public import RepriseKernel

/// One change of an orchestration, as its observers hear of it, and how it stood with it.
public struct OrchestrationChange: Sendable, Equatable, CustomStringConvertible {
    /// What happened, in the words of the status messages. An open set: a hub of a later release may tell more.
    public struct Kind: OpenWord {
        /// The `type` of the status message: `CustomStatusSet`.
        public let rawValue: String
        /// A kind of this name.
        public init(rawValue: String) { self.rawValue = rawValue }

        package init(_ kind: StatusMessage.Kind) { self.init(rawValue: kind.rawValue) }

        /// It is to begin later.
        public static let scheduled = Kind(.scheduled)
        /// It began.
        public static let started = Kind(.started)
        /// A new generation began, with another input.
        public static let continuedAsNew = Kind(.continuedAsNew)
        /// It said something about itself.
        public static let customStatusSet = Kind(.customStatusSet)
        /// It ended with an output.
        public static let completed = Kind(.completed)
        /// It ended with a failure.
        public static let failed = Kind(.failed)
        /// Somebody ended it.
        public static let terminated = Kind(.terminated)
        /// Somebody stopped it for now.
        public static let suspended = Kind(.suspended)
        /// Somebody let it go on.
        public static let resumed = Kind(.resumed)
        /// Somebody took it up again after a failure.
        public static let rewound = Kind(.rewound)
        /// It was forgotten.
        public static let purged = Kind(.purged)
        /// An entity is another after an operation.
        public static let entityChanged = Kind(.entityChanged)
    }

    /// What happened.
    public let kind: Kind
    /// Orders the changes of one id.
    public let revision: Revision
    /// When it happened: the time of the step, in a hub in memory simulated.
    public let time: Date
    /// Where the orchestration stood with it.
    public let runtimeStatus: RuntimeStatus
    /// Why, for a failure. A gateway tells it in words alone: as the ``output(as:)``.
    public let failure: Failure?

    private let valuePayload: Payload
    package let customStatusPayload: Payload
    private let outputPayload: Payload

    package init(
        kind: Kind,
        revision: Revision,
        time: Timestamp,
        runtimeStatus: RuntimeStatus,
        failure: Failure?,
        value: Payload,
        customStatus: Payload,
        output: Payload
    ) {
        self.kind = kind
        self.revision = revision
        self.time = time.date
        self.runtimeStatus = runtimeStatus
        self.failure = failure
        valuePayload = value
        customStatusPayload = customStatus
        outputPayload = output
    }

    /// What came with it: the input, the custom status, the output, the reason, the entity's state; nil for null. A gateway
    /// tells custom statuses and outputs alone.
    ///
    /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is no `Value`.
    public func value<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseError) -> Value? {
        try valuePayload.decodedUnlessNull(as: type, "what came with '\(kind)' at version \(revision.version)")
    }

    /// What it said about itself then; nil for null.
    ///
    /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is no `Value`.
    public func customStatus<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseError) -> Value? {
        try customStatusPayload.decodedUnlessNull(as: type, "the custom status at version \(revision.version)")
    }

    /// What it returned, or as text why it ended otherwise; nil for null, and for what does not end it.
    ///
    /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is no `Value`.
    public func output<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseError) -> Value? {
        try outputPayload.decodedUnlessNull(as: type, "the output at version \(revision.version)")
    }

    /// The kind and, but for null, the JSON that came with it: `CustomStatusSet {"discount":25}`.
    public var description: String { valuePayload.isNull ? kind.rawValue : "\(kind.rawValue) \(valuePayload.text)" }
}
