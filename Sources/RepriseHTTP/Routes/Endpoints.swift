import HTTPTypes
import Hummingbird
import RepriseKernel

// Everything that the gateway does, in the order readers look for it.
extension Endpoint {
    static let all = instances + entities + searches + hub

    // MARK: Instances

    private static let instances: [Endpoint] = [
        start("startOrchestration", "~/orchestrators/{name}", "Start an orchestration under a generated id.", []),
        start(
            "startOrchestrationWithID",
            "~/orchestrators/{name}/{instanceId}",
            "Start an orchestration under an id of your own.",
            ["instanceId"]
        ),
        Endpoint(
            "getInstance",
            .get,
            "~/instances/{instanceId}",
            access: .read,
            OperationDescription(
                summary: "The status of an instance.",
                parameters: ofHub + [
                    "instanceId", "showInput", "showHistory", "showHistoryOutput", "returnInternalServerErrorOnFailure",
                    "showProgress", "ifNoneMatch", "preferWait", "minVersion", "until", "lastEventID",
                    "lastEventIDInQuery",
                ],
                responses: [
                    ("200", "Ended"), ("202", "GoingOn"), ("304", "NotModified"), ("400", "Problem"),
                    ("404", "Unknown"), ("412", "NotYet"), ("500", "Failed"), ("503", "Unavailable"),
                ]
            )
        ) { gateway, call in
            let instance = call.value("instanceId")
            return call.wantsEvents
                ? try await gateway.events(of: instance, call) : try await gateway.status(of: instance, call)
        },
        Endpoint(
            "listStatuses",
            .get,
            "~/instances/{instanceId}/statuses",
            access: .read,
            OperationDescription(
                summary:
                    "The timeline of an instance: every custom status and every change of its runtime status.",
                parameters: ofHub + ["instanceId", "after", "at", "top", "preferWait"],
                responses: [("200", "Timeline"), ("400", "Problem"), ("404", "Unknown"), ("503", "Unavailable")]
            )
        ) { gateway, call in
            try await gateway.statuses(of: call.value("instanceId"), call)
        },
        Endpoint(
            "getInstanceTree",
            .get,
            "~/instances/{instanceId}/tree",
            access: .read,
            OperationDescription(
                summary: "An instance with its sub-orchestrations, and theirs.",
                parameters: ofHub + ["instanceId", "depth", "treeTop"],
                responses: [("200", "Tree"), ("400", "Problem"), ("404", "Unknown"), ("503", "Unavailable")]
            )
        ) { gateway, call in
            try await gateway.tree(of: call.value("instanceId"), call)
        },
        Endpoint(
            "listInstances",
            .get,
            "~/instances",
            access: .read,
            OperationDescription(
                summary: "List instances, by id or in another order.",
                parameters: ofHub + ofFilters + ["orderBy", "showInput", "showWaitingFor", "top", "continuationToken"],
                responses: [("200", "Instances"), ("400", "Problem"), ("503", "Unavailable")]
            )
        ) { gateway, call in
            try await gateway.list(call)
        },
        Endpoint(
            "purgeInstance",
            .delete,
            "~/instances/{instanceId}",
            access: .manage,
            OperationDescription(
                summary: "Delete an ended instance with its history.",
                parameters: ofHub + ["instanceId", "recursive", "idempotencyKey"],
                responses: [("200", "Purged")] + refusals + [("404", "Unknown"), ("409", "Problem")]
            )
        ) { gateway, call in
            try await gateway.purge(call.value("instanceId"), call)
        },
        Endpoint(
            "purgeInstances",
            .delete,
            "~/instances",
            access: .administer,
            OperationDescription(
                summary: "Delete the ended instances that match a filter.",
                parameters: ofHub + ["createdTimeFromRequired"] + ofFilters.dropFirst() + ["recursive"],
                responses: [
                    ("200", "Purged"), ("400", "BadPurge"), ("403", "Problem"), ("404", "Unknown"),
                    ("413", "Problem"), ("503", "Unavailable"),
                ]
            )
        ) { gateway, call in
            try await gateway.purgeMany(call)
        },
        Endpoint(
            "raiseEvent",
            .post,
            "~/instances/{instanceId}/raiseEvent/{eventName}",
            access: .raise,
            OperationDescription(
                summary: "Raise an external event.",
                parameters: ofHub + ["instanceId", "eventName", "idempotencyKey"],
                body: "Event",
                responses: [("202", "Accepted")] + refusals + [
                    ("404", "Unknown"), ("409", "Problem"), ("410", "Gone"), ("429", "TooMany"),
                ]
            )
        ) { gateway, call in
            try await gateway.raise(call.value("eventName"), to: call.value("instanceId"), call)
        },
        order("terminateInstance", "terminate", "End an instance as Terminated.", ["recursive"]) { call in
            .terminate(reason: call.reason, children: call.isRecursive)
        },
        order("suspendInstance", "suspend", "Suspend an instance.") { .suspend(reason: $0.reason) },
        order("resumeInstance", "resume", "Resume a suspended instance.") { .resume(reason: $0.reason) },
        order("rewindInstance", "rewind", "Rewind a failed instance.", responses: [("412", "Problem")]) {
            .rewind(reason: $0.reason)
        },
        Endpoint(
            "resendInstance",
            .post,
            "~/instances/{instanceId}/resend",
            access: .manage,
            OperationDescription(
                summary: "Send again what an instance waits for, in case the broker has lost it.",
                parameters: ofHub + ["instanceId", "idempotencyKey"],
                responses: [("202", "Accepted")] + refusals + [
                    ("404", "Unknown"), ("409", "Problem"), ("410", "Gone"),
                ]
            )
        ) { gateway, call in
            try await gateway.order(.resend, call.value("instanceId"), call)
        },
        Endpoint(
            "restartInstance",
            .post,
            "~/instances/{instanceId}/restart",
            access: .manage,
            OperationDescription(
                summary: "Restart an instance with the same input, under a new id or its own.",
                parameters: ofHub + [
                    "instanceId", "restartWithNewInstanceId", "newInstanceId", "timeout", "pollingInterval",
                    "returnInternalServerErrorOnFailure", "idempotencyKey",
                ],
                responses: started + refusals
            )
        ) { gateway, call in
            try await gateway.restart(call.value("instanceId"), call)
        },
    ]

    private static func start(
        _ id: String,
        _ path: EndpointPath,
        _ summary: String,
        _ parameters: [String]
    ) -> Endpoint {
        Endpoint(
            id,
            .post,
            path,
            access: .start,
            OperationDescription(
                summary: summary,
                parameters: ofHub + ["orchestratorName"] + parameters + [
                    "timeout", "pollingInterval", "returnInternalServerErrorOnFailure", "version", "startAt", "tag",
                    "ifExists", "startEvent", "customStatus", "idempotencyKey",
                ],
                body: "Input",
                responses: started + refusals
            )
        ) { gateway, call in
            try await gateway.start(call.value("name"), call.path["instanceId"], call)
        }
    }

    private static func order(
        _ id: String,
        _ verb: String,
        _ summary: String,
        _ parameters: [String] = [],
        responses: [(String, String)] = [],
        _ action: @escaping @Sendable (Call) -> Command.Action
    ) -> Endpoint {
        Endpoint(
            id,
            .post,
            EndpointPath(stringLiteral: "~/instances/{instanceId}/\(verb)"),
            access: .manage,
            OperationDescription(
                summary: summary,
                parameters: ofHub + ["instanceId", "reason"] + parameters + ["idempotencyKey"],
                responses: [("202", "Accepted")] + refusals + [
                    ("404", "Unknown"), ("409", "Problem"), ("410", "Gone"),
                ] + responses
            )
        ) { gateway, call in
            try await gateway.order(action(call), call.value("instanceId"), call)
        }
    }

    // MARK: Entities

    private static let entities: [Endpoint] = [
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

    // MARK: Searching

    private static let searches: [Endpoint] = [
        Endpoint(
            "countInstances",
            .get,
            "/counts",
            access: .read,
            OperationDescription(
                summary: "Count instances, in total and by group.",
                parameters: ofHub + ofFilters + ["groupBy"],
                responses: [("200", "Counts"), ("400", "Problem"), ("503", "Unavailable")]
            )
        ) { gateway, call in
            try await gateway.counts(call)
        },
        Endpoint(
            "listIndexes",
            .get,
            "/indexes",
            access: .read,
            OperationDescription(
                summary: "The indexes for lists and counts.",
                parameters: ofHub,
                responses: [("200", "Indexes"), ("400", "Problem")]
            )
        ) { gateway, _ in
            try await gateway.indexes()
        },
        Endpoint(
            "addIndex",
            .post,
            "/indexes",
            access: .administer,
            OperationDescription(
                summary: "Index a field or a path, so that lists and counts by it are fast.",
                parameters: ofHub,
                body: "Index",
                responses: [
                    ("200", "Index"), ("201", "Index"), ("400", "Problem"), ("403", "Problem"), ("409", "Problem"),
                    ("413", "Problem"),
                ]
            )
        ) { gateway, call in
            try await gateway.addIndex(call)
        },
        Endpoint(
            "removeIndex",
            .delete,
            "/indexes",
            access: .administer,
            OperationDescription(
                summary: "Remove an index that was added.",
                parameters: ofHub + ["indexPath"],
                responses: [
                    ("204", "Removed"), ("400", "Problem"), ("403", "Problem"), ("404", "Unknown"), ("413", "Problem"),
                ]
            )
        ) { gateway, call in
            try await gateway.removeIndex(call)
        },
    ]

    // MARK: The hub, and a page for people

    private static let hub: [Endpoint] = [
        Endpoint(
            "getPage",
            .get,
            "/",
            access: .read,
            OperationDescription(summary: "A page for people.", responses: [("200", "Page")])
        ) { gateway, call in
            gateway.page(call)
        },
        Endpoint("getAsset", .get, "/assets/{file}", access: .read, nil) { gateway, call in
            try gateway.asset(call.value("file"), call)
        },
        Endpoint(
            "getOverview",
            .get,
            "/overview",
            access: .read,
            OperationDescription(
                summary: "How many instances have each status, and the newest ones.",
                responses: [("200", "Overview")]
            )
        ) { gateway, _ in
            try await gateway.overview()
        },
        Endpoint(
            "getHealth",
            .get,
            "/health",
            access: .read,
            OperationDescription(summary: "How far the read model is behind.", responses: [("200", "Health")])
        ) { gateway, _ in
            try await gateway.health()
        },
        Endpoint(
            "getCluster",
            .get,
            "/cluster",
            access: .read,
            OperationDescription(
                summary: "Which node owns what.",
                responses: [("200", "Cluster"), ("404", "Unknown"), ("503", "Unavailable")]
            )
        ) { gateway, _ in
            try await gateway.cluster()
        },
        Endpoint(
            "listOrchestrators",
            .get,
            "/orchestrators",
            access: .read,
            OperationDescription(
                summary: "The orchestrators that can be started, and the schemas of their custom statuses.",
                responses: [("200", "Orchestrators"), ("404", "Unknown"), ("503", "Unavailable")]
            )
        ) { gateway, _ in
            try await gateway.orchestrators()
        },
        Endpoint(
            "getDocument",
            .get,
            "/openapi.json",
            access: .read,
            OperationDescription(summary: "This document.", responses: [("200", "Document")])
        ) { _, _ in
            .json(.ok, OpenAPIDocument.bytes)
        },
        Endpoint(
            "followHub",
            .get,
            "/status-stream",
            access: .read,
            OperationDescription(
                summary: "The changes of all instances as they happen, without end.",
                parameters: ["nameFilter", "instanceIdPrefix", "filter", "lastEventID", "lastEventIDInQuery"],
                responses: [("200", "Events"), ("400", "Problem")]
            )
        ) { gateway, call in
            try await gateway.events(call)
        },
    ]

    // MARK: What several have

    private static let ofHub = ["taskHub", "connection"]
    private static let ofFilters = [
        "createdTimeFrom", "createdTimeTo", "runtimeStatus", "instanceIdPrefix", "nameFilter", "parentInstanceId",
        "tag", "filter",
    ]
    private static let started = [
        ("200", "Outcome"), ("202", "Started"), ("409", "Existing"), ("410", "Gone"), ("429", "TooMany"),
        ("500", "Failed"),
    ]
    /// The possible refusals of any command.
    private static let refusals = [
        ("400", "Problem"), ("403", "Problem"), ("413", "Problem"), ("503", "Unavailable"),
    ]
}
