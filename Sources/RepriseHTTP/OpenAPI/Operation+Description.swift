/// One operation after the other, as its readers look for it.
extension Operation {
    var description: OperationDescription {
        switch self {
        case .startOrchestration: Self.start("Start an orchestration under an id of our choice.", [])
        case .startOrchestrationWithID: Self.start("Start an orchestration under an id of yours.", ["instanceId"])
        case .getInstance:
            OperationDescription(
                summary: "Where an instance stands.",
                parameters: Self.hub + [
                    "instanceId", "showInput", "showHistory", "showHistoryOutput", "returnInternalServerErrorOnFailure",
                    "showProgress", "ifNoneMatch", "preferWait", "minVersion", "until",
                ],
                responses: [
                    ("200", "Ended"), ("202", "GoingOn"), ("304", "NotModified"), ("400", "Problem"),
                    ("404", "Unknown"), ("412", "NotYet"), ("500", "Failed"), ("503", "Unavailable"),
                ]
            )
        case .listStatuses:
            OperationDescription(
                summary:
                    "What an instance has said so far: every custom status and every change of its runtime status.",
                parameters: Self.hub + ["instanceId", "after", "at", "top", "preferWait"],
                responses: [("200", "Story"), ("400", "Problem"), ("404", "Unknown"), ("503", "Unavailable")]
            )
        case .getInstanceTree:
            OperationDescription(
                summary: "An instance with its sub-orchestrations, and theirs.",
                parameters: Self.hub + ["instanceId", "depth", "treeTop"],
                responses: [("200", "Tree"), ("400", "Problem"), ("404", "Unknown"), ("503", "Unavailable")]
            )
        case .listInstances:
            OperationDescription(
                summary: "List instances, by id or in another order.",
                parameters: Self.hub + Self.filter + ["orderBy", "showInput", "top", "continuationToken"],
                responses: [("200", "Instances"), ("400", "Problem"), ("503", "Unavailable")]
            )
        case .purgeInstance:
            OperationDescription(
                summary: "Delete an ended instance with its history.",
                parameters: Self.hub + ["instanceId", "recursive", "idempotencyKey"],
                responses: [("200", "Purged")] + Self.refusals + [("404", "Unknown"), ("409", "Problem")]
            )
        case .purgeInstances:
            OperationDescription(
                summary: "Delete the ended instances that pass a filter.",
                parameters: Self.hub + ["createdTimeFromRequired"] + Self.filter.dropFirst() + ["recursive"],
                responses: [
                    ("200", "Purged"), ("400", "BadPurge"), ("403", "Problem"), ("404", "Unknown"),
                    ("413", "Problem"), ("503", "Unavailable"),
                ]
            )
        case .raiseEvent:
            OperationDescription(
                summary: "Raise an external event.",
                parameters: Self.hub + ["instanceId", "eventName", "idempotencyKey"],
                body: "Event",
                responses: [("202", "Accepted")] + Self.refusals + [
                    ("404", "Unknown"), ("409", "Problem"), ("410", "Gone"), ("429", "TooMany"),
                ]
            )
        case .terminateInstance: Self.order("End an instance as Terminated.", ["recursive"])
        case .suspendInstance: Self.order("Let an instance take no more steps.")
        case .resumeInstance: Self.order("Let a suspended instance go on.")
        case .rewindInstance: Self.order("Take a failed instance up again.", responses: [("412", "Problem")])
        case .resendInstance:
            OperationDescription(
                summary: "Send once more what an instance waits for, in case the broker has lost it.",
                parameters: Self.hub + ["instanceId", "idempotencyKey"],
                responses: [("202", "Accepted")] + Self.refusals + [
                    ("404", "Unknown"), ("409", "Problem"), ("410", "Gone"),
                ]
            )
        case .restartInstance:
            OperationDescription(
                summary: "Start again what an instance ran, with the same input, under a new id or its own.",
                parameters: Self.hub + [
                    "instanceId", "restartWithNewInstanceId", "newInstanceId", "timeout", "pollingInterval",
                    "returnInternalServerErrorOnFailure", "idempotencyKey",
                ],
                responses: Self.started + Self.refusals
            )
        case .getEntity:
            OperationDescription(
                summary: "The state of an entity.",
                parameters: Self.hub + ["entityName", "entityKey"],
                responses: [("200", "State"), ("400", "Problem"), ("404", "Unknown"), ("503", "Unavailable")]
            )
        case .listEntities: Self.entities("List entities, by id.", [])
        case .listEntitiesOfName: Self.entities("List entities of one name, by key.", ["entityName"])
        case .signalEntity: Self.signal("Have an entity do something.", ["entityName", "entityKey"])
        case .signalEntityWithoutKey: Self.signal("Have the entity with the empty key do something.", ["entityName"])
        case .deleteEntity: Self.deletion("Signal the operation 'delete'.", ["entityName", "entityKey"])
        case .deleteEntityWithoutKey:
            Self.deletion("Signal the operation 'delete' to the entity with the empty key.", ["entityName"])
        case .countInstances:
            OperationDescription(
                summary: "Count instances, all of them and by groups.",
                parameters: Self.hub + Self.filter + ["groupBy"],
                responses: [("200", "Counts"), ("400", "Problem"), ("503", "Unavailable")]
            )
        case .listIndexes:
            OperationDescription(
                summary: "What lists and counts have an index of.",
                parameters: Self.hub,
                responses: [("200", "Indexes"), ("400", "Problem")]
            )
        case .addIndex:
            OperationDescription(
                summary: "Index a field or a path, so that lists and counts by it are fast.",
                parameters: Self.hub,
                body: "Index",
                responses: [
                    ("200", "Index"), ("201", "Index"), ("400", "Problem"), ("403", "Problem"), ("409", "Problem"),
                    ("413", "Problem"),
                ]
            )
        case .removeIndex:
            OperationDescription(
                summary: "Remove an index that was added.",
                parameters: Self.hub + ["indexPath"],
                responses: [
                    ("204", "Removed"), ("400", "Problem"), ("403", "Problem"), ("404", "Unknown"), ("413", "Problem"),
                ]
            )
        case .getPage: OperationDescription(summary: "A page for people.", responses: [("200", "Page")])
        case .getOverview:
            OperationDescription(
                summary: "How many instances stand where, and the newest.",
                responses: [("200", "Overview")]
            )
        case .getHealth:
            OperationDescription(summary: "How far the read model is behind.", responses: [("200", "Health")])
        case .getCluster:
            OperationDescription(
                summary: "Which node owns what.",
                responses: [("200", "Cluster"), ("404", "Unknown"), ("503", "Unavailable")]
            )
        case .listOrchestrators:
            OperationDescription(
                summary: "What can be started, and what the custom statuses look like.",
                responses: [("200", "Orchestrators"), ("404", "Unknown"), ("503", "Unavailable")]
            )
        case .getDocument: OperationDescription(summary: "This document.", responses: [("200", "Document")])
        case .followHub:
            OperationDescription(
                summary: "The changes of all instances as they happen, without end.",
                parameters: ["nameFilter", "instanceIdPrefix", "filter", "lastEventID"],
                responses: [("200", "Events"), ("400", "Problem")]
            )
        }
    }

    private static let hub = ["taskHub", "connection"]
    private static let filter = [
        "createdTimeFrom", "createdTimeTo", "runtimeStatus", "instanceIdPrefix", "nameFilter", "parentInstanceId",
        "tag", "filter",
    ]
    private static let started = [
        ("200", "Outcome"), ("202", "Started"), ("409", "Existing"), ("410", "Gone"), ("429", "TooMany"),
        ("500", "Failed"),
    ]
    /// What may become of any command.
    private static let refusals = [
        ("400", "Problem"), ("403", "Problem"), ("413", "Problem"), ("503", "Unavailable"),
    ]

    private static func start(_ summary: String, _ path: [String]) -> OperationDescription {
        OperationDescription(
            summary: summary,
            parameters: hub + ["orchestratorName"] + path + [
                "timeout", "pollingInterval", "returnInternalServerErrorOnFailure", "version", "startAt", "tag",
                "ifExists", "startEvent", "customStatus", "idempotencyKey",
            ],
            body: "Input",
            responses: started + refusals
        )
    }

    private static func order(
        _ summary: String,
        _ parameters: [String] = [],
        responses: [(String, String)] = []
    ) -> OperationDescription {
        OperationDescription(
            summary: summary,
            parameters: hub + ["instanceId", "reason"] + parameters + ["idempotencyKey"],
            responses: [("202", "Accepted")] + refusals + [("404", "Unknown"), ("409", "Problem"), ("410", "Gone")]
                + responses
        )
    }

    private static func entities(_ summary: String, _ path: [String]) -> OperationDescription {
        OperationDescription(
            summary: summary,
            parameters: hub + path + [
                "lastOperationTimeFrom", "lastOperationTimeTo", "fetchState", "top", "continuationToken",
            ],
            responses: [("200", "Entities"), ("400", "Problem")]
        )
    }

    private static func signal(_ summary: String, _ path: [String]) -> OperationDescription {
        OperationDescription(
            summary: summary,
            parameters: hub + path + ["op", "signalAt", "idempotencyKey"],
            body: "OperationInput",
            responses: [("202", "Accepted")] + refusals + [("409", "Problem"), ("429", "TooMany")]
        )
    }

    private static func deletion(_ summary: String, _ path: [String]) -> OperationDescription {
        OperationDescription(
            summary: summary,
            parameters: hub + path + ["idempotencyKey"],
            responses: [("202", "Accepted")] + refusals + [("409", "Problem"), ("429", "TooMany")]
        )
    }
}
