public import Foundation
public import RepriseKernel

/// Where an orchestration stands, as a client last heard.
public struct OrchestrationStatus: Sendable, Equatable {
    /// The instance.
    public let id: InstanceID
    /// The orchestrator.
    public let name: String
    /// Whether it runs, waits to begin, or how it ended.
    public let runtimeStatus: RuntimeStatus
    /// When it was started.
    public let createdTime: Date
    /// When it last changed.
    public let lastUpdatedTime: Date
    /// The orchestrator's version, fixed at the start; nil when it has none.
    public let version: String?
    /// What it was started with, to find it by.
    public let tags: [String: String]
    /// The orchestration that called it.
    public let parent: InstanceID?
    /// When it is to begin, or was to, if not at once.
    public let startTime: Date?
    /// Orders statuses of one id; nil from a gateway that does not say, and in lists.
    public let revision: Revision?
    /// Why it failed, if it did. A gateway tells it in words alone: as the ``output(as:)``.
    public let failure: Failure?

    private let inputPayload: Payload
    private let customStatusPayload: Payload
    package let outputPayload: Payload

    /// A status of which all is known.
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

    /// True when nothing more will happen to it by itself.
    public var isEnded: Bool { runtimeStatus.isEnded }

    /// What its present generation was started with; nil for null, or when it was not asked for.
    ///
    /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is no `Value`.
    public func input<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseError) -> Value? {
        try inputPayload.decodedUnlessNull(as: type, "the input of '\(id)'")
    }

    /// What it says about itself; nil for null.
    ///
    /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is no `Value`.
    public func customStatus<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseError) -> Value? {
        try customStatusPayload.decodedUnlessNull(as: type, "the custom status of '\(id)'")
    }

    /// What a completed orchestration returned, as text why another ended; nil for null and before the end.
    ///
    /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is no `Value`.
    public func output<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseError) -> Value? {
        try outputPayload.decodedUnlessNull(as: type, "the output of '\(id)'")
    }

    /// Why it ended, in words: a failure, or the reason of a termination.
    var reason: String { JSONView(outputPayload).text ?? (outputPayload.isNull ? "" : outputPayload.text) }
}
