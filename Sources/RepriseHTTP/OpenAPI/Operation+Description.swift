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
                    "ifNoneMatch", "preferWait",
                ],
                responses: [
                    ("200", "Ended"), ("202", "GoingOn"), ("304", "NotModified"), ("400", "Problem"),
                    ("404", "Unknown"), ("500", "Failed"), ("503", "Unavailable"),
                ]
            )
        case .listInstances:
            OperationDescription(
                summary: "List instances, by id.",
                parameters: Self.hub + Self.filter + ["showInput", "top", "continuationToken"],
                responses: [("200", "Instances"), ("400", "Problem")]
            )
        case .purgeInstance:
            OperationDescription(
                summary: "Delete an ended instance with its history.",
                parameters: Self.hub + ["instanceId"],
                responses: [("200", "Purged")] + Self.refusals + [("404", "Unknown"), ("409", "Problem")]
            )
        case .purgeInstances:
            OperationDescription(
                summary: "Delete the ended instances that pass a filter.",
                parameters: Self.hub + ["createdTimeFromRequired"] + Self.filter.filter { $0 != "createdTimeFrom" },
                responses: [
                    ("200", "Purged"), ("400", "BadPurge"), ("403", "Problem"), ("404", "Unknown"),
                    ("413", "Problem"), ("503", "Unavailable"),
                ]
            )
        case .raiseEvent:
            OperationDescription(
                summary: "Raise an external event.",
                parameters: Self.hub + ["instanceId", "eventName"],
                body: "Event",
                responses: [("202", "Accepted")] + Self.refusals + [
                    ("404", "Unknown"), ("410", "Gone"), ("429", "TooMany"),
                ]
            )
        case .terminateInstance: Self.order("End an instance as Terminated.")
        case .suspendInstance: Self.order("Let an instance take no more steps.", [("409", "Problem")])
        case .resumeInstance: Self.order("Let a suspended instance go on.", [("409", "Problem")])
        case .rewindInstance:
            Self.order("Take a failed instance up again.", [("409", "Problem"), ("412", "Problem")])
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
        case .getDocument: OperationDescription(summary: "This document.", responses: [("200", "Document")])
        }
    }

    private static let hub = ["taskHub", "connection"]
    private static let filter = ["createdTimeFrom", "createdTimeTo", "runtimeStatus", "instanceIdPrefix"]
    /// What may become of any command.
    private static let refusals = [
        ("400", "Problem"), ("403", "Problem"), ("413", "Problem"), ("503", "Unavailable"),
    ]

    private static func start(_ summary: String, _ path: [String]) -> OperationDescription {
        OperationDescription(
            summary: summary,
            parameters: hub + ["orchestratorName"] + path + [
                "timeout", "pollingInterval", "returnInternalServerErrorOnFailure", "idempotencyKey",
            ],
            body: "Input",
            responses: [("200", "Outcome"), ("202", "Started"), ("409", "Existing"), ("500", "Failed")] + refusals
        )
    }

    private static func order(_ summary: String, _ more: [(String, String)] = []) -> OperationDescription {
        OperationDescription(
            summary: summary,
            parameters: hub + ["instanceId", "reason"],
            responses: [("202", "Accepted")] + refusals + [("404", "Unknown"), ("410", "Gone")] + more
        )
    }
}
