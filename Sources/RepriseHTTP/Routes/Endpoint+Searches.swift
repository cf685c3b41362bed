import HTTPTypes

// Counts, and the indexes that make them fast.
extension Endpoint {
    static let searches: [Endpoint] = [
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
}
