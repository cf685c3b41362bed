public import Foundation
import Reprise
public import RepriseKernel

extension TestHub {
    /// Raises an external event. It is kept until the orchestrator waits for it; names are compared case-insensitively.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`.
    public func raiseEvent(
        _ name: String,
        _ value: some Encodable & Sendable,
        to id: InstanceID
    ) async throws {
        _ = try await send(.raiseEvent(name: name, try Payload.encoded(value, "the event '\(name)'")), to: id)
    }

    /// Tells an orchestration's code to clean up; it ends as Canceled when that is done, or when its grace period is over.
    ///
    /// - Parameters:
    ///   - grace: how long the code may clean up, up to 366 days; as long as its type says when nil.
    ///   - children: also the sub-orchestrations that it waits for, and theirs.
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`; `invalid` for a grace period out of range.
    public func cancel(_ id: InstanceID, reason: String?, grace: Duration?, children: Bool) async throws {
        let action = Command.Action.cancel(reason: Self.payload(reason), grace: grace, children: children)
        _ = try await send(action, to: id)
    }

    /// Ends an orchestration as Terminated.
    ///
    /// - Parameter children: also the sub-orchestrations that it waits for, and theirs.
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`.
    public func terminate(_ id: InstanceID, reason: String?, children: Bool) async throws {
        _ = try await send(.terminate(reason: Self.payload(reason), children: children), to: id)
    }

    /// Suspends an orchestration: it takes no steps until it is resumed. What arrives for it meanwhile is kept.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`, `alreadySuspended`.
    public func suspend(_ id: InstanceID, reason: String?) async throws {
        _ = try await send(.suspend(reason: Self.payload(reason)), to: id)
    }

    /// Resumes a suspended orchestration.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended`, `notSuspended`.
    public func resume(_ id: InstanceID, reason: String?) async throws {
        _ = try await send(.resume(reason: Self.payload(reason)), to: id)
    }

    /// Resumes a failed orchestration: retries what failed, and nothing else.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`, `ended` for one that completed, or was canceled or terminated, `notFailed`.
    public func rewind(_ id: InstanceID, reason: String?) async throws {
        _ = try await send(.rewind(reason: Self.payload(reason)), to: id)
    }

    /// Starts an orchestration again with its original input under another id, and leaves the first as it is.
    ///
    /// - Parameter newID: chosen as in ``start(_:_:options:)`` when nil.
    /// - Throws: ``RepriseError``: `unknownInstance`; `alreadyExists` when the new id is taken.
    @discardableResult
    public func restart(_ id: InstanceID, newID: InstanceID?) async throws -> InstanceID {
        guard let former = try find(id) else { throw unknown(id) }
        return try await send(.start(StartRequest(again: former)), to: try newID ?? nextInstance())
    }

    /// Restarts an orchestration that has ended, in place: its history is gone.
    ///
    /// - Throws: ``RepriseError``: `unknownInstance`; `notEnded` or `alreadyExists` while it runs.
    public func restartInPlace(_ id: InstanceID) async throws {
        _ = try await send(.restart(as: nil), to: id)
    }

    /// Purges an orchestration that has ended, with its history.
    ///
    /// - Parameter children: also the sub-orchestrations that it called, and theirs, where they have ended.
    /// - Throws: ``RepriseError``: `unknownInstance`, `notEnded`.
    public func purge(_ id: InstanceID, children: Bool) async throws {
        _ = try await send(.purge(children: children), to: id)
    }

    private static func payload(_ reason: String?) -> Payload { reason.map { Payload.string($0) } ?? .null }

    // MARK: Entities

    /// Sends an operation to an entity, which performs it once. Its result is not returned.
    ///
    /// - Parameter time: the earliest time; at once when nil.
    /// - Throws: ``RepriseError``: `unknownEntity` when the hub has none with that name.
    public func signal(
        _ entity: EntityID,
        _ operation: String,
        _ input: some Encodable & Sendable,
        at time: Date?
    ) async throws {
        let input = try Payload.encoded(input, "the input of '\(operation)'")
        let request = EntityRequest(
            .operation(name: operation, input: input),
            due: time.map { Timestamp(rounding: $0) }
        )
        _ = try await send(.operate(request), to: entity.instance)
    }

    /// The state of an entity; nil when it does not exist, or holds null.
    public func state<Value: Decodable & Sendable>(
        of entity: EntityID,
        as type: Value.Type
    ) async throws -> Value? {
        try find(entity.instance)?.customStatus.decodedUnlessNull(as: type, "the state of '\(entity)'")
    }

    /// Deletes an entity once everything sent to it before is done.
    ///
    /// - Throws: ``RepriseError``: `unknownEntity` when the hub has none with that name.
    public func delete(_ entity: EntityID) async throws { try await signal(entity, "delete") }
}
