public import Foundation
import Reprise
public import RepriseKernel

/// Where an instance stands.
public struct InstanceSnapshot: Sendable, Equatable {
    public let id: InstanceID
    /// The orchestrator.
    public let name: String
    public let runtimeStatus: RuntimeStatus
    public let createdTime: Date
    public let lastUpdatedTime: Date
    /// The orchestrator's version, fixed at the start; nil when it has none.
    public let version: String?
    public let tags: [String: String]
    /// The orchestration that called it.
    public let parent: InstanceID?
    /// When it is to begin, or was to, if not at once.
    public let startTime: Date?
    /// Why it failed, if it did.
    public let failure: Failure?

    private let inputPayload: Payload
    private let customStatusPayload: Payload
    let outputPayload: Payload

    init(_ status: InstanceStatus) {
        id = status.instance
        name = status.name
        runtimeStatus = status.runtimeStatus
        createdTime = status.createdTime.date
        lastUpdatedTime = status.lastUpdatedTime.date
        version = status.traits.version
        tags = status.traits.tags
        parent = status.traits.parent
        startTime = status.traits.startTime?.date
        failure = status.failure
        inputPayload = status.input
        customStatusPayload = status.customStatus
        outputPayload = status.output
    }

    /// True when nothing more will happen to it by itself.
    public var isEnded: Bool { runtimeStatus.isEnded }

    /// What its present generation was started with; nil for null.
    ///
    /// - Throws: ``TestHubError`` with the code `unreadablePayload` when it is no `Value`.
    public func input<Value: Decodable>(as type: Value.Type = Value.self) throws(TestHubError) -> Value? {
        try read(inputPayload, type, "the input")
    }

    /// What it says about itself; nil for null.
    ///
    /// - Throws: ``TestHubError`` with the code `unreadablePayload` when it is no `Value`.
    public func customStatus<Value: Decodable>(as type: Value.Type = Value.self) throws(TestHubError) -> Value? {
        try read(customStatusPayload, type, "the custom status")
    }

    /// What a completed orchestration returned, as text why another ended; nil for null and before the end.
    ///
    /// - Throws: ``TestHubError`` with the code `unreadablePayload` when it is no `Value`.
    public func output<Value: Decodable>(as type: Value.Type = Value.self) throws(TestHubError) -> Value? {
        try read(outputPayload, type, "the output")
    }

    private func read<Value: Decodable>(
        _ payload: Payload,
        _ type: Value.Type,
        _ what: String
    ) throws(TestHubError) -> Value? {
        payload.isNull ? nil : try payload.decoded(as: type, "\(what) of '\(id)'")
    }
}
