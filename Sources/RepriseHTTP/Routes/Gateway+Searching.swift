import HTTPTypes
import Hummingbird
import RepriseKernel
import RepriseStatus

/// Counts, and the indexes that make them cheap.
extension Gateway {
    // MARK: GET /counts

    func counts(_ call: Call) async throws -> Response {
        let query = call.target.query
        let counts = try await model.count(try query.filter(now: now()), by: try query.grouping())
        var body = JSONObject()
        body.add("total", Int64(counts.total))
        body.add("groups", counts.groups.map(Self.json))
        body.add("isTruncated", counts.isTruncated)
        return .json(.ok, body.bytes, headers: [.cacheControl: "no-store"])
    }

    /// Instances without a value are a group of their own, distinct from that of null.
    private static func json(_ group: InstanceCounts.Group) -> JSONObject {
        var object = JSONObject()
        object.add("value", group.value ?? .null)
        if group.value == nil { object.add("isMissing", true) }
        object.add("count", Int64(group.count))
        return object
    }

    // MARK: GET /indexes

    func indexes() async throws -> Response {
        let added = try await model.indexes().map { Self.json($0.field, isBuiltIn: false) }
        var body = JSONObject()
        body.add("indexes", StatusIndex.builtIn.map { Self.json($0, isBuiltIn: true) } + added)
        return .json(.ok, body.bytes, headers: [.cacheControl: "no-store"])
    }

    private static func json(_ field: StatusField, isBuiltIn: Bool) -> JSONObject {
        var object = JSONObject()
        object.add("path", field.description)
        object.add("isBuiltIn", isBuiltIn)
        return object
    }

    // MARK: POST /indexes

    /// Answered once the index exists: some seconds for a million instances.
    func addIndex(_ call: Call) async throws -> Response {
        let body = try await call.request.jsonBody(upTo: configuration.maximumBody)
        guard let members = JSONView(body).members, members.count == 1, let text = members["path"]?.text else {
            throw Problem(.badRequest, #"The body is {"path": "customStatus.stage"}"#)
        }
        let field = try Self.field(text)
        switch try await model.addIndex(of: field) {
        case .added: return .json(.created, Self.json(field, isBuiltIn: false).bytes)
        case .existed:
            return .json(.ok, Self.json(field, isBuiltIn: StatusIndex.builtIn.contains(field)).bytes)
        case .refused(let reason): throw Problem(.conflict, Problem.sentence(reason))
        }
    }

    // MARK: DELETE /indexes

    func removeIndex(_ call: Call) async throws -> Response {
        guard let text = call.target.query["path"], !text.isEmpty else {
            throw Problem(.badRequest, "The parameter 'path' says which index: customStatus.stage")
        }
        guard try await model.removeIndex(of: Self.field(text)) else {
            throw Problem(.notFound, "No index of '\(text.prefix(260))' was added")
        }
        return Response(status: .noContent)
    }

    private static func field(_ text: String) throws(Problem) -> StatusField {
        do throws(ExpressionError) {
            return try StatusField(parsing: text)
        } catch {
            throw Problem(error, in: "path")
        }
    }
}
