import RepriseClient
import RepriseKernel

/// A list as a gateway gives it.
struct GatewayList {
    private let instances: [JSONView]
    private let hasMore: Bool

    init(_ client: RepriseClient, _ filter: InstanceFilter, orderedBy order: String?, top: Int) async throws {
        var instances: [JSONView] = []
        var hasMore = false
        for try await instance in client.listJSON(filter, orderedBy: order, pageSize: min(top + 1, 1000)) {
            guard instances.count < top else {
                hasMore = true
                break
            }
            instances.append(instance)
        }
        self.instances = instances
        self.hasMore = hasMore
    }

    func show(asJSON: Bool) {
        if asJSON {
            let values = instances.map(\.payload.bytes)
            guard !values.isEmpty else { return Output.line("[]") }
            return Output.line(
                Array("[\n".utf8) + Array(values.joined(separator: Array(",\n".utf8))) + Array("\n]".utf8)
            )
        }
        guard !instances.isEmpty else { return Output.note("no instances match") }
        var table = Table(["INSTANCE", "ORCHESTRATOR", "STATUS", "CREATED", "CUSTOM STATUS"])
        for instance in instances { table.add(Self.cells(instance)) }
        for line in table.lines(width: Terminal.output.width) { Output.line(line) }
        if hasMore { Output.note("\(Amount.count(instances.count)), and there are more; more with --top") }
    }

    private static func cells(_ instance: JSONView) -> [String] {
        let members = instance.members ?? NamedMembers()
        let created = members["createdTime"]?.text.flatMap { TimeText.parse($0, rounding: .down)?.age }
        let customStatus = members["customStatus"].flatMap { $0.isNull ? nil : $0.payload.text }
        return ["instanceId", "name", "runtimeStatus"].map { members[$0]?.text ?? "" }
            + [created ?? "", customStatus ?? ""]
    }
}
