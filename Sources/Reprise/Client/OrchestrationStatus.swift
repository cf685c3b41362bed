public import Foundation
public import RepriseKernel

/// The status of an orchestration, as a client last saw it.
public struct OrchestrationStatus: Sendable, Equatable {
    /// The instance.
    public let id: InstanceID
    /// The orchestrator.
    public let name: String
    /// Whether it is running, is waiting to begin, or how it ended.
    public let runtimeStatus: RuntimeStatus
    /// When it was started.
    public let createdTime: Date
    /// When it last changed.
    public let lastUpdatedTime: Date
    /// The orchestrator's version, fixed at the start; nil when it has none.
    public let version: String?
    /// The tags it was started with, for searching.
    public let tags: [String: String]
    /// The orchestration that called it.
    public let parent: InstanceID?
    /// When it was scheduled to begin, if not at once.
    public let startTime: Date?
    /// Orders the statuses of one id; nil in lists, and from a gateway that does not provide it.
    public let revision: Revision?
    /// Why it failed, if it did. A gateway gives it only as text: see ``output(as:)``.
    public let failure: Failure?

    private let inputPayload: Payload
    private let customStatusPayload: Payload
    package let outputPayload: Payload

    /// A status with everything known.
    package init(
        id: InstanceID,
        name: String,
        runtimeStatus: RuntimeStatus,
        createdTime: Timestamp,
        lastUpdatedTime: Timestamp,
        traits: InstanceTraits,
        revision: Revision?,
        failure: Failure?,
        input: Payload,
        customStatus: Payload,
        output: Payload
    ) {
        self.id = id
        self.name = name
        self.runtimeStatus = runtimeStatus
        self.createdTime = createdTime.date
        self.lastUpdatedTime = lastUpdatedTime.date
        version = traits.version
        tags = traits.tags
        parent = traits.parent
        startTime = traits.startTime?.date
        self.revision = revision
        self.failure = failure
        inputPayload = input
        customStatusPayload = customStatus
        outputPayload = output
    }

    /// True when nothing more will happen to it on its own.
    public var isEnded: Bool { runtimeStatus.isEnded }

    /// The input of its current generation; nil for null, or when it was not requested.
    ///
    /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is not a `Value`.
    public func input<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseError) -> Value? {
        try inputPayload.decodedUnlessNull(as: type, "the input of '\(id)'")
    }

    /// Its custom status; nil for null.
    ///
    /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is not a `Value`.
    public func customStatus<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseError) -> Value? {
        try customStatusPayload.decodedUnlessNull(as: type, "the custom status of '\(id)'")
    }

    /// What a completed orchestration returned, or why another one ended, as text; nil for null, and before the end.
    ///
    /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is not a `Value`.
    public func output<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseError) -> Value? {
        try outputPayload.decodedUnlessNull(as: type, "the output of '\(id)'")
    }

    /// Why it ended, as text: a failure, or the reason of a cancellation or termination.
    var reason: String { JSONView(outputPayload).text ?? (outputPayload.isNull ? "" : outputPayload.text) }
}
