import HTTPTypes
import Hummingbird

// The hub, and a page for people.
extension Endpoint {
    static let hub: [Endpoint] = [
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
}
