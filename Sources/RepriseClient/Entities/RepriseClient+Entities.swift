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

    /// What it holds; nil for null, or when states were not asked for.
    ///
    /// - Throws: ``RepriseError`` with the code `unreadablePayload` when it is no `Value`.
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
    /// Sends an operation to an entity, which does it once, behind what was sent before; nobody waits for its result.
    ///
    /// - Parameter time: not before; at once when nil.
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

    /// What an entity holds; nil when it does not exist, or holds null.
    public func state<Value: Decodable & Sendable>(
        of entity: EntityID,
        as type: Value.Type
    ) async throws -> Value? {
        let answer = try await granted(try Self.request(.get, entity), by: [200, 404])
        guard answer.status == 200 else { return nil }
        let state = try answer.json()
        return state.isNull ? nil : try state.payload.decoded(as: type, "the state of '\(entity)'")
    }

    /// Lets an entity be no more, once what was sent to it before is done.
    public func delete(_ entity: EntityID) async throws {
        _ = try await granted(try Self.request(.delete, entity), by: [202])
    }

    /// The entities there are, fetched page by page as they are asked for.
    ///
    /// - Parameters:
    ///   - name: only those of this name.
    ///   - states: whether their states come along.
    public func entities(named name: String? = nil, states: Bool = false, pageSize: Int = 100) -> Pages<EntityStatus> {
        var request = GatewayRequest(.get, "entities")
        if let name { request.path.append(name) }
        request.query = [("fetchState", states ? "true" : "false"), ("top", String(max(1, pageSize)))]
        return Pages(client: self, request: request) { EntityStatus($0) }
    }

    /// An empty key has a sign of its own in paths, and no entity whose key is that sign can be reached.
    private static func request(
        _ method: GatewayRequest.Method,
        _ entity: EntityID
    ) throws(RepriseError) -> GatewayRequest {
        guard entity.key != "$" else {
            throw RepriseError(.invalid, "The gateway takes '$' for the empty key: '\(entity)' cannot be reached")
        }
        return GatewayRequest(method, "entities", entity.name, entity.key.isEmpty ? "$" : entity.key)
    }
}
