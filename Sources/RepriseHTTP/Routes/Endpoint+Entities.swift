import HTTPTypes

// Entities, and what is signaled to them.
extension Endpoint {
    static let entities: [Endpoint] = [
        Endpoint(
            "getEntity",
            .get,
            "~/entities/{entityName}/{entityKey}",
            access: .read,
            OperationDescription(
                summary: "The state of an entity.",
                parameters: ofHub + ["entityName", "entityKey"],
                responses: [("200", "State"), ("400", "Problem"), ("404", "Unknown"), ("503", "Unavailable")]
            )
        ) { gateway, call in
            try await gateway.entity(call.value("entityName"), call.value("entityKey"))
        },
        list("listEntities", "~/entities", "List entities, by id.", []),
        list("listEntitiesOfName", "~/entities/{entityName}", "List entities of one name, by key.", ["entityName"]),
        signal(
            "signalEntity",
            "~/entities/{entityName}/{entityKey}",
            "Signal an operation to an entity.",
            ["entityName", "entityKey"]
        ),
        signal(
            "signalEntityWithoutKey",
            "~/entities/{entityName}",
            "Signal an operation to the entity with the empty key.",
            ["entityName"]
        ),
        deletion(
            "deleteEntity",
            "~/entities/{entityName}/{entityKey}",
            "Signal the operation 'delete'.",
            ["entityName", "entityKey"]
        ),
        deletion(
            "deleteEntityWithoutKey",
            "~/entities/{entityName}",
            "Signal the operation 'delete' to the entity with the empty key.",
            ["entityName"]
        ),
    ]

    private static func list(
        _ id: String,
        _ path: EndpointPath,
        _ summary: String,
        _ parameters: [String]
    ) -> Endpoint {
        Endpoint(
            id,
            .get,
            path,
            access: .read,
            OperationDescription(
                summary: summary,
                parameters: ofHub + parameters + [
                    "lastOperationTimeFrom", "lastOperationTimeTo", "fetchState", "top", "continuationToken",
                ],
                responses: [("200", "Entities"), ("400", "Problem")]
            )
        ) { gateway, call in
            try await gateway.entities(call.path["entityName"], call)
        }
    }

    private static func signal(
        _ id: String,
        _ path: EndpointPath,
        _ summary: String,
        _ parameters: [String]
    ) -> Endpoint {
        Endpoint(
            id,
            .post,
            path,
            access: .raise,
            OperationDescription(
                summary: summary,
                parameters: ofHub + parameters + ["op", "signalAt", "idempotencyKey"],
                body: "OperationInput",
                responses: [("202", "Accepted")] + refusals + [("409", "Problem"), ("429", "TooMany")]
            )
        ) { gateway, call in
            try await gateway.signal(call.value("entityName"), call.path["entityKey"], call)
        }
    }

    private static func deletion(
        _ id: String,
        _ path: EndpointPath,
        _ summary: String,
        _ parameters: [String]
    ) -> Endpoint {
        Endpoint(
            id,
            .delete,
            path,
            access: .raise,
            OperationDescription(
                summary: summary,
                parameters: ofHub + parameters + ["idempotencyKey"],
                responses: [("202", "Accepted")] + refusals + [("409", "Problem"), ("429", "TooMany")]
            )
        ) { gateway, call in
            try await gateway.deleteEntity(call.value("entityName"), call.path["entityKey"], call)
        }
    }
}
