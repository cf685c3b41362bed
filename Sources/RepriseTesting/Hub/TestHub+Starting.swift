public import Foundation
public import Reprise
public import RepriseKernel

/// What becomes of a start whose id is taken.
public enum StartCollision: Sendable, Hashable, CaseIterable {
    /// An instance of the same orchestrator that has ended is replaced; any other refuses the start.
    case replaceEnded
    /// Any instance refuses the start, ended or not.
    case refuse
    /// Any instance of the same orchestrator is taken for the one that was to be started; any other refuses the start.
    case use

    fileprivate var existing: StartRequest.Existing {
        switch self {
        case .replaceEnded: .replaceEnded
        case .refuse: .refuse
        case .use: .use
        }
    }
}

/// An event that an orchestration finds when it begins, or that one which is there already is sent.
public struct InitialEvent: Sendable {
    let name: String
    let payload: @Sendable () throws(TestHubError) -> Payload

    public init(_ name: String, _ value: some Encodable & Sendable = JSON.null) {
        self.name = name
        payload = { () throws(TestHubError) in try Payload.encoded(value, "the event '\(name)'") }
    }
}

extension TestHub {
    /// Starts an orchestration, and returns once it and all that it set in motion wait for something.
    ///
    /// - Parameters:
    ///   - id: `instance-1`, `instance-2` and so on when nil.
    ///   - time: not before; at once when nil.
    ///   - tags: kept with the instance.
    ///   - version: which version of the code it is for, for life; that of the hub when nil.
    ///   - collision: what becomes of the start when the id is taken.
    ///   - event: raised in the same step.
    ///   - customStatus: what the instance says of itself until its code says something else.
    /// - Throws: ``TestHubError`` for a start that is refused, and `unknownActivity` for one that came as far as an activity
    ///   that nobody serves.
    @discardableResult
    public func start<O: Orchestrator>(
        _ orchestrator: O.Type,
        _ input: O.Input,
        id: InstanceID? = nil,
        at time: Date? = nil,
        tags: [String: String] = [:],
        version: String? = nil,
        ifExists collision: StartCollision = .replaceEnded,
        raising event: InitialEvent? = nil,
        customStatus: (any Encodable & Sendable)? = nil
    ) async throws -> InstanceID where O.Input: Encodable {
        let input = try Payload.encoded(input, "the input of '\(O.name)'")
        return try await start(O.name, input, id, time, tags, version, collision, event, customStatus)
    }

    /// Starts an orchestration by its orchestrator's name.
    @discardableResult
    public func start(
        _ orchestrator: String,
        _ input: some Encodable & Sendable = JSON.null,
        id: InstanceID? = nil,
        at time: Date? = nil,
        tags: [String: String] = [:],
        version: String? = nil,
        ifExists collision: StartCollision = .replaceEnded,
        raising event: InitialEvent? = nil,
        customStatus: (any Encodable & Sendable)? = nil
    ) async throws -> InstanceID {
        let input = try Payload.encoded(input, "the input of '\(orchestrator)'")
        return try await start(orchestrator, input, id, time, tags, version, collision, event, customStatus)
    }

    private func start(
        _ orchestrator: String,
        _ input: Payload,
        _ id: InstanceID?,
        _ time: Date?,
        _ tags: [String: String],
        _ version: String?,
        _ collision: StartCollision,
        _ event: InitialEvent?,
        _ customStatus: (any Encodable & Sendable)?
    ) async throws -> InstanceID {
        let request = StartRequest(
            orchestrator: orchestrator,
            input: input,
            version: version,
            tags: tags,
            startTime: time.map { Timestamp($0) },
            existing: collision.existing,
            event: try event.map { event in
                StartRequest.Event(name: event.name, payload: try event.payload())
            },
            customStatus: try customStatus.map { try Payload.encoded($0, "the custom status") }
        )
        return try await send(.start(request), to: try id ?? nextInstance())
    }
}
