import RepriseKernel

/// The parts that the operations name, as the JSON that they are.
enum OpenAPIComponents {
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
