import ArgumentParser
import RepriseClient
import RepriseKernel

struct CountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "count",
        abstract: "Count instances, in total or by group.",
        discussion: """
            Asks a gateway's read model. See the guide to the HTTP API for what --filter
            accepts.

            EXAMPLES
              reprise count --status Running
              reprise count --group-by customStatus.stage
              reprise count --group-by name --filter 'age > 1h and runtimeStatus == Running'
            """
    )

    @OptionGroup var selection: SelectionOptions

    @Option(help: ArgumentHelp("Only those that match this condition.", valueName: "expression"))
    var filter: String?

    @Option(help: ArgumentHelp("Group by this field or path.", valueName: "path"))
    var groupBy: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var hub: HubNameOption

    func run() async throws {
        let client = try await gateway.client(hub: hub.hub)
        let counts = try await client.count(try selection.filter(filter), by: groupBy)
        if json { return Output.line(Self.json(counts).bytes) }
        guard groupBy != nil else { return Output.line(Amount.count(counts.total)) }
        for line in Self.lines(counts) { Output.line(line) }
        if counts.isTruncated { Output.note("these are the largest groups; there are more") }
    }

    /// The numbers right-aligned in a column, with the sum below.
    static func lines(_ counts: OrchestrationCounts) -> [String] {
        let width = Amount.count(counts.total).count
        func line(_ count: Int, _ what: String) -> String {
            let number = Amount.count(count)
            return String(repeating: " ", count: width - number.count) + number + "  " + Text.line(what)
        }
        return counts.groups.map { line($0.count, $0.isMissing ? "(none)" : $0.payload.text) }
            + [line(counts.total, "in all")]
    }

    private static func json(_ counts: OrchestrationCounts) -> JSONObject {
        var object = JSONObject()
        object.add("total", counts.total)
        object.add(
            "groups",
            counts.groups.map { group in
                var object = JSONObject()
                object.add("value", group.payload)
                if group.isMissing { object.add("isMissing", true) }
                object.add("count", group.count)
                return object
            }
        )
        object.add("isTruncated", counts.isTruncated)
        return object
    }
}

extension SelectionOptions {
    /// As a gateway is asked.
    func filter(_ expression: String?) throws -> InstanceFilter {
        let selection = try selection
        return InstanceFilter(
            statuses: selection.statuses,
            idPrefix: selection.prefix,
            name: selection.name,
            tags: selection.tags,
            parent: selection.parent,
            expression: expression
        )
    }
}
