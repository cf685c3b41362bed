public import Foundation
public import RepriseKernel

/// What a start says besides the orchestrator, its input and the instance's id.
public struct StartOptions: Sendable {
    /// The earliest time to begin; at once when nil.
    public var time: Date?
    /// Kept with the instance, and searchable.
    public var tags: [String: String]
    /// The version of the code it runs on for its whole life; the nodes' own when nil.
    public var version: String?
    /// What happens to the start when the id is taken.
    public var existing: ExistingInstancePolicy
    /// Raised in the same step.
    public var event: RaisedEvent?
    /// The instance's custom status until its code sets another: at most 16,384 bytes of JSON counted as UTF-16, unless
    /// the nodes are configured otherwise.
    public var customStatus: (any Encodable & Sendable)?

    /// Creates options; what is not given keeps its default.
    public init(
        at time: Date? = nil,
        tags: [String: String] = [:],
        version: String? = nil,
        ifExists existing: ExistingInstancePolicy = .replaceEnded,
        raising event: RaisedEvent? = nil,
        customStatus: (any Encodable & Sendable)? = nil
    ) {
        self.time = time
        self.tags = tags
        self.version = version
        self.existing = existing
        self.event = event
        self.customStatus = customStatus
    }
}

/// What happens to a start when its id is taken.
public enum ExistingInstancePolicy: Sendable, Hashable, CaseIterable {
    /// An instance of the same orchestrator that has ended is replaced; any other refuses the start.
    case replaceEnded
    /// Any instance refuses the start, ended or not.
    case refuse
    /// An existing instance of the same orchestrator is used in place of a new one; any other refuses the start.
    case use

    /// As messages have it.
    package var existing: StartRequest.Existing {
        switch self {
        case .replaceEnded: .replaceEnded
        case .refuse: .refuse
        case .use: .use
        }
    }
}

/// An event that an orchestration finds when it begins, or that is sent to one that already exists.
public struct RaisedEvent: Sendable {
    /// The name the orchestrator waits for; compared case-insensitively.
    public let name: String
    /// The value as JSON.
    package let payload: @Sendable () throws(RepriseError) -> Payload

    /// An event with a value, null when none is given. The start refuses a value that JSON cannot hold.
    public init(_ name: String, _ value: some Encodable & Sendable = JSON.null) {
        self.name = name
        payload = { () throws(RepriseError) in try Payload.encoded(value, "the event '\(name)'") }
    }
}
