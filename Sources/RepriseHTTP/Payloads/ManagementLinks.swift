import RepriseKernel

/// The links that a client gets with its instance, and uses unchanged.
struct ManagementLinks {
    /// Scheme, host and port by which the client reached us.
    var origin: String
    var hub: HubName
    var connectionName: String
    var instance: InstanceID
    var returnsServerErrorOnFailure = false

    private var root: String { "\(origin)\(EndpointPath.base)/instances/\(PercentCoding.encode(instance.value))" }

    private var parameters: String {
        "taskHub=\(PercentCoding.encode(hub.value))&connection=\(PercentCoding.encode(connectionName))"
    }

    var status: String {
        "\(root)?\(parameters)\(returnsServerErrorOnFailure ? "&returnInternalServerErrorOnFailure=true" : "")"
    }

    private func reasoned(_ verb: String) -> String { "\(root)/\(verb)?reason={text}&\(parameters)" }

    /// The body of an accepted start: eight fields, in this order.
    var payload: JSONObject {
        var object = JSONObject()
        object.add("id", instance.value)
        object.add("statusQueryGetUri", status)
        object.add("sendEventPostUri", "\(root)/raiseEvent/{eventName}?\(parameters)")
        object.add("terminatePostUri", reasoned("terminate"))
        object.add("purgeHistoryDeleteUri", "\(root)?\(parameters)")
        object.add("restartPostUri", "\(root)/restart?\(parameters)")
        object.add("suspendPostUri", reasoned("suspend"))
        object.add("resumePostUri", reasoned("resume"))
        return object
    }
}
