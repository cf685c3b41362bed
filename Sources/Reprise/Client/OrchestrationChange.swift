public import Foundation
public import RepriseKernel

/// One change of an orchestration, as its observers see it, and its status at that point.
public struct OrchestrationChange: Sendable, Equatable, CustomStringConvertible {
    /// What happened, in the words of the status messages. An open set: a later release of the hub may add more.
    public struct Kind: OpenWord {
        /// The `type` of the status message: `CustomStatusSet`.
        public let rawValue: String
        /// A kind of this name.
        public init(rawValue: String) { self.rawValue = rawValue }

        package init(_ kind: StatusMessage.Kind) { self.init(rawValue: kind.rawValue) }

        /// It was scheduled to begin later.
        public static let scheduled = Kind(.scheduled)
        /// It began.
        public static let started = Kind(.started)
        /// A new generation began, with another input.
        public static let continuedAsNew = Kind(.continuedAsNew)
        /// It set its custom status.
        public static let customStatusSet = Kind(.customStatusSet)
        /// It ended with an output.
        public static let completed = Kind(.completed)
        /// It ended with a failure.
        public static let failed = Kind(.failed)
        /// Its code was told to clean up.
        public static let cancelRequested = Kind(.cancelRequested)
        /// It ended after that.
        public static let canceled = Kind(.canceled)
        /// It was terminated.
        public static let terminated = Kind(.terminated)
        /// It was suspended.
        public static let suspended = Kind(.suspended)
        /// It was resumed.
        public static let resumed = Kind(.resumed)
        /// It was rewound after a failure.
        public static let rewound = Kind(.rewound)
        /// It was purged.
        public static let purged = Kind(.purged)
        /// An operation changed an entity.
        public static let entityChanged = Kind(.entityChanged)
    }

    /// What happened.
    public let kind: Kind
    /// Orders the changes of one id.
    public let revision: Revision
    /// When it happened: the time of the step, which is simulated in an in-memory hub.
    public let time: Date
    /// The orchestration's runtime status after the change.
    public let runtimeStatus: RuntimeStatus
    /// Why, for a failure. A gateway gives it only as text: see ``output(as:)``.
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

    /// What came with it: the input, the custom status, the output, the reason, the entity's state; nil for null. A
    /// gateway gives only custom statuses and outputs.
    ///
    /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is not a `Value`.
    public func value<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseError) -> Value? {
        try valuePayload.decodedUnlessNull(as: type, "what came with '\(kind)' at version \(revision.version)")
    }

    /// Its custom status at that point; nil for null.
    ///
    /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is not a `Value`.
    public func customStatus<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseError) -> Value? {
        try customStatusPayload.decodedUnlessNull(as: type, "the custom status at version \(revision.version)")
    }

    /// What it returned, or the reason as text when it ended some other way; nil for null, and for changes that do not
    /// end it.
    ///
    /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is not a `Value`.
    public func output<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseError) -> Value? {
        try outputPayload.decodedUnlessNull(as: type, "the output at version \(revision.version)")
    }

    /// The kind and, unless null, the JSON that came with it: `CustomStatusSet {"discount":25}`.
    public var description: String { valuePayload.isNull ? kind.rawValue : "\(kind.rawValue) \(valuePayload.text)" }
}
