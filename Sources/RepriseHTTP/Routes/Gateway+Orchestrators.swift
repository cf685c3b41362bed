import HTTPTypes
import Hummingbird
import RepriseEngine
import RepriseKernel

extension Gateway {
    // MARK: GET /orchestrators

    /// What can be started, according to the current nodes, and what each orchestrator declares: input, custom status,
    /// events.
    func orchestrators() async throws -> Response {
        guard let source else { throw Problem(.notFound, "This gateway hears no nodes") }
        let nodes = try await source.cluster().nodes.filter { !$0.isMissing && !$0.isLeaving }
        var known: [String: (declared: OrchestratorAnnouncement, nodes: [String])] = [:]
        for node in nodes {
            for orchestrator in node.orchestrators {
                var entry = known[orchestrator.name] ?? (orchestrator, [])
                // While a program is being replaced, its old and new nodes may disagree: each is right about some
                // instances.
                entry.declared.inputSchema = entry.declared.inputSchema ?? orchestrator.inputSchema
                entry.declared.statusSchema = entry.declared.statusSchema ?? orchestrator.statusSchema
                if entry.declared.events.isEmpty { entry.declared.events = orchestrator.events }
                entry.nodes.append(node.name)
                known[orchestrator.name] = entry
            }
        }
        var body = JSONObject()
        body.add("hub", client.hub.value)
        body.add(
            "orchestrators",
            known.sorted { $0.key < $1.key }.map { name, entry in
                var object = JSONObject()
                object.add("name", name)
                object.add("inputSchema", entry.declared.inputSchema ?? .null)
                object.add("statusSchema", entry.declared.statusSchema ?? .null)
                object.add("events", entry.declared.events.map(\.json))
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
