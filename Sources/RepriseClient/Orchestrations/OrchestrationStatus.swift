public import Foundation
import Reprise
public import RepriseKernel

/// Where an orchestration stands, as the gateway last knew.
public struct OrchestrationStatus: Sendable, Equatable {
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
    /// Orders statuses of one id; nil from a gateway that does not say, and in lists.
    public let revision: Revision?

    private let inputPayload: Payload
    private let customStatusPayload: Payload
    private let outputPayload: Payload

    /// True when nothing more will happen to it by itself.
    public var isEnded: Bool { runtimeStatus.isEnded }

    /// What it was started with; nil for null, or when it was not asked for.
    ///
    /// - Throws: ``RepriseClientError`` with the code `unreadablePayload` when it is no `Value`.
    public func input<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseClientError) -> Value? {
        try Self.read(inputPayload, type, "the input of '\(id)'")
    }

    /// What it says about itself; nil for null.
    ///
    /// - Throws: ``RepriseClientError`` with the code `unreadablePayload` when it is no `Value`.
    public func customStatus<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseClientError) -> Value? {
        try Self.read(customStatusPayload, type, "the custom status of '\(id)'")
    }

    /// What a completed orchestration returned, as text why another ended; nil for null and before the end.
    ///
    /// - Throws: ``RepriseClientError`` with the code `unreadablePayload` when it is no `Value`.
    public func output<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseClientError) -> Value? {
        try Self.read(outputPayload, type, "the output of '\(id)'")
    }

    private static func read<Value: Decodable>(
        _ payload: Payload,
        _ type: Value.Type,
        _ what: String
    ) throws(RepriseClientError) -> Value? {
        payload.isNull ? nil : try payload.decoded(as: type, what)
    }
}

// MARK: From the wire

extension OrchestrationStatus {
    /// - Throws: nil-like for what lacks its id, name or status: an answer that cannot be understood.
    package init?(_ view: JSONView, tag: String? = nil) {
        guard let members = view.members, let id = members["instanceId"]?.text,
            let instance = try? InstanceID(entityOrInstance: id), let name = members["name"]?.text,
            let status = members["runtimeStatus"]?.text.flatMap(RuntimeStatus.init),
            let created = Self.date(members["createdTime"]), let updated = Self.date(members["lastUpdatedTime"])
        else { return nil }
        self.id = instance
        self.name = name
        runtimeStatus = status
        createdTime = created
        lastUpdatedTime = updated
        version = members["version"]?.text
        tags = Dictionary(
            members["tags"]?.members?.compactMap { tag, value in value.text.map { (tag, $0) } } ?? [],
            uniquingKeysWith: { first, _ in first }
        )
        parent = members["parentInstanceId"]?.text.flatMap { try? InstanceID($0) }
        startTime = Self.date(members["startTime"])
        revision = tag.flatMap { Revision(tag: $0) }
        inputPayload = members["input"]?.payload ?? .null
        customStatusPayload = members["customStatus"]?.payload ?? .null
        outputPayload = members["output"]?.payload ?? .null
    }

    private static func date(_ view: JSONView?) -> Date? {
        view?.text.flatMap { TimeText.parse($0, rounding: .down) }.map { Date($0) }
    }

    /// Why it ended, in words: a failure, or the reason of a termination.
    var reason: String { JSONView(outputPayload).text ?? (outputPayload.isNull ? "" : outputPayload.text) }

    var result: Payload { outputPayload }
}

extension Payload {
    /// - Parameter what: what it is, for the sentence when it is no `Value`.
    func decoded<Value: Decodable>(as type: Value.Type, _ what: String) throws(RepriseClientError) -> Value {
        do {
            return try PayloadCoding.decode(type, from: self, as: what)
        } catch {
            throw RepriseClientError(.unreadablePayload, error.message, underlying: error)
        }
    }

    static func encoded(_ value: some Encodable, _ what: String) throws(RepriseClientError) -> Payload {
        do {
            return try PayloadCoding.encode(value, as: what)
        } catch {
            throw RepriseClientError(.unreadablePayload, error.message, underlying: error)
        }
    }
}

extension Date {
    init(_ time: Timestamp) { self.init(timeIntervalSince1970: Double(time.milliseconds) / 1_000) }
}

extension Timestamp {
    init(_ date: Date) {
        let milliseconds = (date.timeIntervalSince1970 * 1_000).rounded(.up)
        // The distant past and future of Foundation fit; what does not is as far away as can be.
        self.init(milliseconds: Int64(exactly: milliseconds) ?? (milliseconds < 0 ? 0 : .max))
    }
}
