import RepriseKernel

/// The parts that the operations refer to, as JSON.
enum OpenAPIComponents {
    /// The names of the query parameters, by the names of their parts.
    static let queryParameters: [String: String] = {
        var names: [String: String] = [:]
        guard let parts = JSONView(Payload(trusted: Array(parameters.utf8))).members else { return names }
        for (part, parameter) in parts where parameter.members?["in"]?.text == "query" {
            names[part] = parameter.members?["name"]?.text
        }
        return names
    }()

    static var object: JSONObject {
        var object = JSONObject()
        object.add("parameters", Payload(trusted: Array(parameters.utf8)))
        object.add("requestBodies", Payload(trusted: Array(requestBodies.utf8)))
        object.add("responses", Payload(trusted: Array(responses.utf8)))
        object.add("headers", Payload(trusted: Array(headers.utf8)))
        object.add("schemas", Payload(trusted: Array(schemas.utf8)))
        return object
    }
}
