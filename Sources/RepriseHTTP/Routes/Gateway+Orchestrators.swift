import HTTPTypes
import Hummingbird
import RepriseEngine
import RepriseKernel

extension Gateway {
    // MARK: GET /orchestrators

    /// What can be started, as the nodes that are there say, and what each orchestrator says its custom status is.
    func orchestrators() async throws -> Response {
        guard let source else { throw Problem(.notFound, "This gateway hears no nodes") }
        let nodes = try await source.cluster().nodes.filter { !$0.isMissing && !$0.isLeaving }
        var known: [String: (schema: Payload?, events: [EventAnnouncement], nodes: [String])] = [:]
        for node in nodes {
            for orchestrator in node.orchestrators {
                let entry = known[orchestrator.name]
                // While a program is replaced, its old and its new nodes may say different things: either is true of some.
                known[orchestrator.name] = (
                    entry?.schema ?? orchestrator.statusSchema,
                    entry.map { $0.events.isEmpty ? orchestrator.events : $0.events } ?? orchestrator.events,
                    (entry?.nodes ?? []) + [node.name]
                )
            }
        }
        var body = JSONObject()
        body.add("hub", client.hub.value)
        body.add(
            "orchestrators",
            known.sorted { $0.key < $1.key }.map { name, entry in
                var object = JSONObject()
                object.add("name", name)
                object.add("statusSchema", entry.schema ?? .null)
                object.add("events", entry.events.map(\.json))
                object.add("nodes", texts: entry.nodes)
                return object
            }
        )
        return .json(.ok, body.bytes, headers: [.cacheControl: "no-store"])
    }
}

extension EventAnnouncement {
    fileprivate var json: JSONObject {
        var object = JSONObject()
        object.add("name", name)
        object.add("schema", schema ?? .null)
        return object
    }
}
