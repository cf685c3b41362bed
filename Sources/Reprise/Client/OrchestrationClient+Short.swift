public import Foundation
public import RepriseKernel

/// The calls of a client with less to say, and with ids as text. One that breaks the rules of ids is refused with
/// ``RepriseError/Code/invalid``.
extension OrchestrationClient {
    /// Raises an external event; see ``raiseEvent(_:_:to:)-(_,_,InstanceID)``.
    public func raiseEvent(
        _ name: String,
        _ value: some Encodable & Sendable = JSON.null,
        to id: some InstanceIDConvertible
    ) async throws {
        try await raiseEvent(name, value, to: try id.checkedID())
    }

    /// Suspends; see ``suspend(_:reason:)-(InstanceID,_)``.
    public func suspend(_ id: some InstanceIDConvertible, reason: String? = nil) async throws {
        try await suspend(try id.checkedID(), reason: reason)
    }

    /// Resumes; see ``resume(_:reason:)-(InstanceID,_)``.
    public func resume(_ id: some InstanceIDConvertible, reason: String? = nil) async throws {
        try await resume(try id.checkedID(), reason: reason)
    }

    /// Tells an orchestration to clean up and end, for as long as its type allows unless told otherwise, and leaves its
    /// sub-orchestrations unless asked; see ``cancel(_:reason:grace:children:)-(InstanceID,_,_,_)``.
    public func cancel(
        _ id: some InstanceIDConvertible,
        reason: String? = nil,
        grace: Duration? = nil,
        children: Bool = false
    ) async throws {
        try await cancel(try id.checkedID(), reason: reason, grace: grace, children: children)
    }

    /// Ends an orchestration as Terminated, and leaves its sub-orchestrations unless asked; see
    /// ``terminate(_:reason:children:)-(InstanceID,_,_)``.
    public func terminate(
        _ id: some InstanceIDConvertible,
        reason: String? = nil,
        children: Bool = false
    ) async throws {
        try await terminate(try id.checkedID(), reason: reason, children: children)
    }

    /// Rewinds; see ``rewind(_:reason:)-(InstanceID,_)``.
    public func rewind(_ id: some InstanceIDConvertible, reason: String? = nil) async throws {
        try await rewind(try id.checkedID(), reason: reason)
    }

    /// Starts again what an orchestration was started with, under an id that is drawn unless given; see
    /// ``restart(_:newID:)-(InstanceID,_)``.
    @discardableResult
    public func restart(
        _ id: some InstanceIDConvertible,
        newID: (any InstanceIDConvertible)? = nil
    ) async throws -> InstanceID {
        let newID: InstanceID? = try newID?.checkedID()
        return try await restart(try id.checkedID(), newID: newID)
    }

    /// Starts an orchestration that has ended again, in its own place; see ``restartInPlace(_:)-(InstanceID)``.
    public func restartInPlace(_ id: some InstanceIDConvertible) async throws {
        try await restartInPlace(try id.checkedID())
    }

    /// Forgets an orchestration, and leaves its sub-orchestrations unless asked; see ``purge(_:children:)-(InstanceID,_)``.
    public func purge(_ id: some InstanceIDConvertible, children: Bool = false) async throws {
        try await purge(try id.checkedID(), children: children)
    }

    /// What has happened to an orchestration, with inputs and results unless they are not wanted; see
    /// ``history(of:payloads:)-(InstanceID,_)``.
    public func history(of id: some InstanceIDConvertible, payloads: Bool = true) async throws -> [OrchestrationEvent] {
        try await history(of: try id.checkedID(), payloads: payloads)
    }

    /// Sends an operation to be performed at once; see ``signal(_:_:_:at:)``.
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

    /// The state of an entity, as the type the caller expects; see ``state(of:as:)``.
    public func state<Value: Decodable & Sendable>(of entity: EntityID) async throws -> Value? {
        try await state(of: entity, as: Value.self)
    }
}
