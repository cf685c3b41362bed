public import Foundation
public import RepriseKernel

/// What a start says besides the orchestrator, its input and the instance's id.
public struct StartOptions: Sendable {
    /// Not before; at once when nil.
    public var time: Date?
    /// Kept with the instance, and searchable.
    public var tags: [String: String]
    /// Which version of the code it is for, for life; that of the nodes when nil.
    public var version: String?
    /// What becomes of the start when the id is taken.
    public var existing: ExistingInstancePolicy
    /// Raised in the same step.
    public var event: RaisedEvent?
    /// What the instance says of itself until its code says something else: 16,384 bytes at most, of JSON as UTF-16, unless
    /// the nodes are configured otherwise.
    public var customStatus: (any Encodable & Sendable)?

    /// Options that say as much as is given.
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

/// What becomes of a start when its id is taken.
public enum ExistingInstancePolicy: Sendable, Hashable, CaseIterable {
    /// An instance of the same orchestrator that has ended is replaced; any other refuses the start.
    case replaceEnded
    /// Any instance refuses the start, ended or not.
    case refuse
    /// Any instance of the same orchestrator is taken for the one that was to be started; any other refuses the start.
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

/// An event that an orchestration finds when it begins, or that one which is there already is sent.
public struct RaisedEvent: Sendable {
    /// The name by which the orchestrator waits for it; compared without regard to case.
    public let name: String
    /// The value as JSON.
    package let payload: @Sendable () throws(RepriseError) -> Payload

    /// An event with a value, null when none is given. One that JSON cannot hold is refused by the start.
    public init(_ name: String, _ value: some Encodable & Sendable = JSON.null) {
        self.name = name
        payload = { () throws(RepriseError) in try Payload.encoded(value, "the event '\(name)'") }
    }
}
