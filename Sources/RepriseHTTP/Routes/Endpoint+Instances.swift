import HTTPTypes

// Instances, as they are read, listed and deleted.
extension Endpoint {
    static let instances: [Endpoint] = [
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
    ]
}
