public import Foundation
public import RepriseKernel

/// The calls of a client with less to say.
extension OrchestrationClient {
    /// Raises an external event that carries null; see ``raiseEvent(_:_:to:)``.
    public func raiseEvent(_ name: String, to id: InstanceID) async throws {
        try await raiseEvent(name, JSON.null, to: id)
    }

    /// Suspends without a reason; see ``suspend(_:reason:)``.
    public func suspend(_ id: InstanceID) async throws { try await suspend(id, reason: nil) }

    /// Resumes without a reason; see ``resume(_:reason:)``.
    public func resume(_ id: InstanceID) async throws { try await resume(id, reason: nil) }

    /// Ends an orchestration as Terminated, and leaves its sub-orchestrations; see ``terminate(_:reason:children:)``.
    public func terminate(_ id: InstanceID, reason: String? = nil) async throws {
        try await terminate(id, reason: reason, children: false)
    }

    /// Ends an orchestration as Terminated without a reason; see ``terminate(_:reason:children:)``.
    public func terminate(_ id: InstanceID, children: Bool) async throws {
        try await terminate(id, reason: nil, children: children)
    }

    /// Rewinds without a reason; see ``rewind(_:reason:)``.
    public func rewind(_ id: InstanceID) async throws { try await rewind(id, reason: nil) }

    /// Starts anew what an orchestration was started with, under an id that is drawn; see ``restart(_:newID:)``.
    @discardableResult
    public func restart(_ id: InstanceID) async throws -> InstanceID { try await restart(id, newID: nil) }

    /// Forgets an orchestration, and leaves its sub-orchestrations; see ``purge(_:children:)``.
    public func purge(_ id: InstanceID) async throws { try await purge(id, children: false) }

    /// What has happened to an orchestration, with inputs and results; see ``history(of:payloads:)``.
    public func history(of id: InstanceID) async throws -> [OrchestrationEvent] {
        try await history(of: id, payloads: true)
    }

    /// Sends an operation that is done at once; see ``signal(_:_:_:at:)``.
    public func signal(
        _ entity: EntityID,
        _ operation: String,
        _ input: some Encodable & Sendable = JSON.null
    ) async throws {
        try await signal(entity, operation, input, at: nil)
    }

    /// Sends an operation without an input; see ``signal(_:_:_:at:)``.
    public func signal(_ entity: EntityID, _ operation: String, at time: Date) async throws {
        try await signal(entity, operation, JSON.null, at: time)
    }

    /// What an entity holds, of the type that is wanted; see ``state(of:as:)``.
    public func state<Value: Decodable & Sendable>(of entity: EntityID) async throws -> Value? {
        try await state(of: entity, as: Value.self)
    }
}
