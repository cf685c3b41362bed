import HTTPTypes
import Hummingbird
import RepriseEngine
import RepriseKernel
import RepriseStatus

extension Gateway {
    // MARK: GET /entities/{name}/{key}

    /// The state itself. An entity without a state does not exist.
    func entity(_ name: String, _ key: String) async throws -> Response {
        guard let id = try? Self.entityID(name, key), let status = try await current(id.instance),
            !status.customStatus.isNull
        else { throw Problem(.notFound, "There is no entity '\(name.prefix(260))' with the key '\(key.prefix(260))'") }
        return .json(.ok, status.customStatus.bytes)
    }

    // MARK: GET /entities, GET /entities/{name}

    func entities(_ name: String?, _ call: Call) async throws -> Response {
        let query = call.target.query
        let fetchesState = query.bool("fetchState", default: false)
        let page = try await model.entities(
            try query.entityFilter(name: name),
            after: try call.continuationToken,
            limit: query.pageSize,
            includingStates: fetchesState
        )
        let entities = page.statuses.compactMap { status in
            status.instance.entity.map { Self.json($0, status) }
        }
        return .json(
            .ok,
            JSONObject.array(entities),
            headers: [.continuationToken: page.next?.description ?? ""]
        )
    }

    private static func json(_ id: EntityID, _ status: InstanceStatus) -> JSONObject {
        var name = JSONObject()
        name.add("name", id.name)
        name.add("key", id.key)
        var entity = JSONObject()
        entity.add("entityId", name)
        entity.add("lastOperationTime", TimeText.milliseconds(status.lastUpdatedTime))
        entity.add("state", status.customStatus)
        return entity
    }

    // MARK: POST /entities/{name}/{key?}

    /// One-way: accepted once it is committed, whatever the operation then does.
    func signal(_ name: String, _ key: String?, _ call: Call) async throws -> Response {
        let query = call.target.query
        let operation = try query.name("op", of: "an operation's name") ?? ""
        let due = try query.time("signalAt", rounding: .up)
        let id = try Self.entityID(name, key)
        let request = EntityRequest(.operation(name: operation, input: try await operationInput(call)), due: due)
        try await deliver(.operate(request), to: id.instance, key: call.idempotencyKey)
        return Response(status: .accepted)
    }

    /// JSON if the request says so; any other text is the input as it is.
    private func operationInput(_ call: Call) async throws -> Payload {
        let bytes = try await call.request.wholeBody(upTo: configuration.maximumBody)
        guard !bytes.isEmpty else { return .null }
        guard call.request.saysJSON else {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw Problem(.badRequest, "The body is not UTF-8")
            }
            return .string(text)
        }
        do {
            return try Payload(checking: bytes)
        } catch {
            throw Problem(.badRequest, "Could not parse JSON content: \(error.description)")
        }
    }

    // MARK: DELETE /entities/{name}/{key?}

    func deleteEntity(_ name: String, _ key: String?, _ call: Call) async throws -> Response {
        let id = try Self.entityID(name, key)
        let request = EntityRequest(.operation(name: "delete", input: .null))
        try await deliver(.operate(request), to: id.instance, key: call.idempotencyKey)
        return Response(status: .accepted)
    }

    /// `$` stands for the empty key, which no path can hold.
    private static func entityID(_ name: String, _ key: String?) throws(Problem) -> EntityID {
        do throws(InvalidName) {
            return try EntityID(name, key == "$" ? "" : key ?? "")
        } catch {
            throw Problem.bad(error)
        }
    }
}
