public import Foundation
public import Reprise
public import RepriseKernel

/// An entity in a list.
public struct EntityStatus: Sendable, Equatable {
    /// The entity.
    public let id: EntityID
    /// When an operation was last applied to it.
    public let lastOperationTime: Date
    private let payload: Payload

    /// Its state; nil for null, or when states were not requested.
    ///
    /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is not a `Value`.
    public func state<Value: Decodable>(as type: Value.Type = Value.self) throws(RepriseError) -> Value? {
        payload.isNull ? nil : try payload.decoded(as: type, "the state of '\(id)'")
    }

    package init?(_ view: JSONView) {
        guard let members = view.members, let id = members["entityId"]?.members, let name = id["name"]?.text,
            let entity = try? EntityID(name, id["key"]?.text ?? ""),
            let time = members["lastOperationTime"]?.time
        else { return nil }
        self.id = entity
        lastOperationTime = time.date
        payload = members["state"]?.payload ?? .null
    }
}

extension RepriseClient {
    /// Sends an operation to an entity, which performs it once, after what was sent before. Its result is not returned.
    ///
    /// - Parameter time: the earliest time; at once when nil.
    /// - Throws: ``RepriseError``: `invalid` or `unknownEntity` when no node serves entities of that name.
    public func signal(
        _ entity: EntityID,
        _ operation: String,
        _ input: some Encodable & Sendable,
        at time: Date?
    ) async throws {
        var request = try Self.request(.post, entity)
        request.query = [("op", operation)]
        if let time { request.query.append(("signalAt", TimeText.milliseconds(Timestamp(rounding: time)))) }
        request.body = try Payload.encoded(input, "the input of '\(operation)'")
        _ = try await granted(request, by: [202])
    }

    /// The state of an entity; nil when it does not exist, or holds null.
    public func state<Value: Decodable & Sendable>(
        of entity: EntityID,
        as type: Value.Type
    ) async throws -> Value? {
        let answer = try await granted(try Self.request(.get, entity), by: [200, 404])
        guard answer.status == 200 else { return nil }
        let state = try answer.json()
        return state.isNull ? nil : try state.payload.decoded(as: type, "the state of '\(entity)'")
    }

    /// Deletes an entity once everything sent to it before is done.
    public func delete(_ entity: EntityID) async throws {
        _ = try await granted(try Self.request(.delete, entity), by: [202])
    }

    /// All entities, fetched page by page as they are consumed.
    ///
    /// - Parameters:
    ///   - name: only those with this name.
    ///   - states: whether their states come along.
    public func entities(named name: String? = nil, states: Bool = false, pageSize: Int = 100) -> Pages<EntityStatus> {
        var request = GatewayRequest(.get, "entities")
        if let name { request.path.append(name) }
        request.query = [("fetchState", states ? "true" : "false"), ("top", String(max(1, pageSize)))]
        return Pages(client: self, request: request) { EntityStatus($0) }
    }

    /// Paths have a special sign for the empty key, so an entity whose key is that sign cannot be reached.
    private static func request(
        _ method: GatewayRequest.Method,
        _ entity: EntityID
    ) throws(RepriseError) -> GatewayRequest {
        guard entity.key != "$" else {
            throw RepriseError(.invalid, "The gateway reads '$' as the empty key, so '\(entity)' cannot be reached")
        }
        return GatewayRequest(method, "entities", entity.name, entity.key.isEmpty ? "$" : entity.key)
    }
}
