import HTTPTypes
import Hummingbird
import RepriseEngine
import RepriseKernel

/// Who owns what.
extension Gateway {
    /// How long an owner may take to report what it could not deliver yet; without an answer it is `null`.
    private static let timeout = Duration.seconds(2)

    // MARK: GET /cluster

    func cluster() async throws -> Response {
        guard let source else { throw Problem(.notFound, "This gateway follows no nodes") }
        let report = try await source.cluster()
        let healths = await healths(of: report.partitions.filter { !$0.owners.isEmpty }.map(\.number))
        var body = JSONObject()
        body.add("hub", client.hub.value)
        body.add("nodes", report.nodes.map(Self.json))
        body.add("partitions", report.partitions.map { Self.json($0, healths[$0.number.value]) })
        return .json(.ok, body.bytes, headers: [.cacheControl: "no-store"])
    }

    /// The health of the partitions that answer in time, by their numbers.
    private func healths(of partitions: [PartitionNumber]) async -> [Int: PartitionHealth] {
        await withTaskGroup(of: (Int, PartitionHealth?).self) { group in
            for partition in partitions {
                group.addTask { (partition.value, await health(of: partition)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private func health(of partition: PartitionNumber) async -> PartitionHealth? {
        let answer = try? await within(Self.timeout, of: clock) {
            try await client.ask(.health, partition: partition)
        }
        guard case .health(let health)? = answer else { return nil }
        return health
    }

    private static func json(_ node: ClusterReport.Node) -> JSONObject {
        var object = JSONObject()
        object.add("name", node.name)
        object.add("id", node.id.rawValue)
        object.add("heartbeatMilliseconds", node.heartbeat.milliseconds)
        object.add("ageMilliseconds", node.age.milliseconds)
        object.add("leaving", node.isLeaving)
        object.add("missing", node.isMissing)
        return object
    }

    private static func json(_ partition: ClusterReport.Partition, _ health: PartitionHealth?) -> JSONObject {
        var object = JSONObject()
        object.add("partition", Int64(partition.number.value))
        object.add("owner", partition.owners.first)
        if partition.owners.count > 1 { object.add("rivals", texts: Array(partition.owners.dropFirst())) }
        object.add("epoch", partition.epoch?.rawValue)
        object.add("journal", partition.journal?.rawValue)
        object.add("commit", partition.commit?.rawValue)
        object.add("logSegment", partition.log?.segment)
        // As earlier releases call it.
        object.add("logGeneration", partition.log?.segment)
        object.add(
            "standbys",
            partition.standbys.map { standby in
                var object = JSONObject()
                object.add("node", standby.node)
                object.add("lag", standby.lag)
                return object
            }
        )
        object.add("backlog", partition.backlog.map(Int64.init))
        object.add("unconfirmed", health.map { Int64($0.unconfirmed) })
        object.add("awaitingEvents", health.map { Int64($0.awaitingEvents) })
        object.add(
            "troubles",
            partition.troubles.map { trouble in
                var object = JSONObject()
                object.add("node", trouble.node)
                object.add("text", trouble.text)
                return object
            }
        )
        return object
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 { Int64(self / .milliseconds(1)) }
}
