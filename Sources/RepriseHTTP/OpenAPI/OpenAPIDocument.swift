import HTTPTypes
import RepriseKernel

/// The OpenAPI 3.1 description of the API: the same for every hub.
///
/// Assembled from the endpoints, which only name their parts, and the parts, which are literal JSON
/// (``OpenAPIComponents``).
enum OpenAPIDocument {
    static let bytes: [UInt8] = document.bytes

    private static var document: JSONObject {
        var info = JSONObject()
        info.add("title", "Reprise")
        info.add("version", "1")
        info.add(
            "description",
            "Durable orchestrations over HTTP. Everything under \(EndpointPath.base) is Durable Functions' own API: "
                + "query names are case-insensitive, and a wrong verb or an unknown path there is a 404."
        )
        var document = JSONObject()
        document.add("openapi", "3.1.0")
        document.add("info", info)
        document.add("servers", [server])
        document.add("paths", paths)
        document.add("components", OpenAPIComponents.object)
        return document
    }

    private static var server: JSONObject {
        var server = JSONObject()
        server.add("url", "/")
        return server
    }

    private static var paths: JSONObject {
        var order: [String] = []
        var items: [String: JSONObject] = [:]
        for endpoint in Endpoint.all {
            guard let description = endpoint.description else { continue }
            let path = endpoint.path.text
            if items[path] == nil { order.append(path) }
            items[path, default: JSONObject()].add(
                endpoint.method.rawValue.lowercased(),
                description.object(id: endpoint.id)
            )
        }
        var paths = JSONObject()
        for path in order {
            if let item = items[path] { paths.add(path, item) }
        }
        return paths
    }
}

/// What the document says about one operation; its parts by their names among the components.
struct OperationDescription: Sendable {
    var summary: String
    var parameters: [String] = []
    var body: String?
    /// Status codes, each with the name of its response.
    var responses: [(code: String, name: String)]

    func object(id: String) -> JSONObject {
        var answers = JSONObject()
        for response in responses { answers.add(response.code, Self.reference("responses", response.name)) }
        var object = JSONObject()
        object.add("operationId", id)
        object.add("summary", summary)
        if !parameters.isEmpty {
            object.add("parameters", parameters.map { Self.reference("parameters", $0) })
        }
        if let body { object.add("requestBody", Self.reference("requestBodies", body)) }
        object.add("responses", answers)
        return object
    }

    private static func reference(_ kind: String, _ name: String) -> JSONObject {
        var object = JSONObject()
        object.add("$ref", "#/components/\(kind)/\(name)")
        return object
    }
}
