import HTTPTypes
import Hummingbird
import RepriseEngine
import RepriseKernel

extension Gateway {
    // MARK: GET /orchestrators

    /// What can be started, according to the current nodes, and the declared custom status of each orchestrator.
    func orchestrators() async throws -> Response {
        guard let source else { throw Problem(.notFound, "This gateway hears no nodes") }
        let nodes = try await source.cluster().nodes.filter { !$0.isMissing && !$0.isLeaving }
        var known: [String: (schema: Payload?, events: [EventAnnouncement], nodes: [String])] = [:]
        for node in nodes {
            for orchestrator in node.orchestrators {
                let entry = known[orchestrator.name]
                // While a program is being replaced, its old and new nodes may disagree: each is right about some
                // instances.
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
