public import Foundation
public import RepriseKernel

extension OrchestrationContext {
    /// Calls an operation that the compiler knows, and waits for its result; see ``callEntity(_:_:_:returning:)``.
    @discardableResult
    public func callEntity<E: TypedEntity>(
        _ entity: E.Type,
        _ key: String,
        _ operation: E.Operation
    ) async throws -> E.Output {
        let operation = try NamedOperation(operation)
        return try await callEntity(try E.id(key), operation.name, operation.input, returning: E.Output.self)
    }

    /// Signals an operation that the compiler knows, without waiting for it; see ``signalEntity(_:_:_:at:)``.
    public func signalEntity<E: TypedEntity>(
        _ entity: E.Type,
        _ key: String,
        _ operation: E.Operation,
        at time: Date? = nil
    ) throws {
        let operation = try NamedOperation(operation)
        try signalEntity(try E.id(key), operation.name, operation.input, at: time)
    }
}

extension EntityOperation {
    /// Signals an operation that the compiler knows, once this one is committed; see ``signalEntity(_:_:_:at:)``.
    public func signalEntity<E>(
        _ entity: E.Type,
        _ key: String,
        _ operation: E.Operation,
        at time: Date? = nil
    ) throws where E: TypedEntity {
        let named = try NamedOperation(operation)
        try signalEntity(try E.id(key), named.name, named.input, at: time)
    }
}

extension OrchestrationClient {
    /// Sends an operation that the compiler knows; see ``signal(_:_:_:at:)``.
    public func signal<E: TypedEntity>(
        _ entity: E.Type,
        _ key: String,
        _ operation: E.Operation,
        at time: Date? = nil
    ) async throws {
        let operation = try NamedOperation(operation)
        try await signal(try E.id(key), operation.name, operation.input, at: time)
    }

    /// The state of an entity, with its type; nil when it does not exist. See ``state(of:as:)``.
    public func state<E: Entity>(of entity: E.Type, _ key: String) async throws -> E.State? {
        try await state(of: try E.id(key), as: E.State.self)
    }
}
