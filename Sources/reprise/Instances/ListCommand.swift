import ArgumentParser
import RepriseKernel

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List instances, newest first.",
        discussion: """
            Asks the partitions themselves, page by page, so its answer is current;
            on a hub with very many instances the gateway's list is faster: with --filter,
            --order-by or --gateway it is asked instead, and lists by id.

            EXAMPLES
              reprise list
              reprise list --status Running --status Suspended --name CityRecommender
              reprise list --prefix order- --top 500 --json
              reprise list --tag region=eu --tag team=billing
              reprise list --parent trip-1
              reprise list --filter 'customStatus.recommendedCities has "Tokyo" and age > 1h'
              reprise list --order-by 'lastUpdatedTime desc' --status Running
            """
    )

    @OptionGroup var selection: SelectionOptions

    @Option(
        help: ArgumentHelp(
            "Only those that match this condition; see the guide to the HTTP API.",
            valueName: "expression"
        )
    )
    var filter: String?

    @Option(help: ArgumentHelp("Order by this field or path, optionally with desc.", valueName: "path"))
    var orderBy: String?

    @Option(help: ArgumentHelp("How many to show at most.", valueName: "count"))
    var top = 50

    @Flag(help: "Print a JSON array, one instance per line.")
    var json = false

    @OptionGroup var gateway: GatewayOptions

    @OptionGroup var hub: HubOptions

    func validate() throws {
        guard (1...100_000).contains(top) else { throw ValidationError("--top must be a number from 1 to 100000") }
    }

    func run() async throws {
        if filter != nil || orderBy != nil || gateway.gateway != nil {
            let client = try await gateway.client(hub: hub.hub, amqpURL: hub.amqpURL)
            let list = try await GatewayList(client, selection.filter(filter), orderedBy: orderBy, top: top)
            return list.show(asJSON: json)
        }
        let access = try await hub.access()
        let selection = try selection.selection
        let sweep = InstanceSweep(matches: { selection.matches($0) }, limit: top)
        let newest = try await access.withClient { client in try await sweep.run(client) }
        LiveLine.clearAll()
        if json {
            return Output.line(JSONObject.lines(newest.statuses.map { InstanceJSON.object($0) }))
        }
        guard !newest.statuses.isEmpty else { return Output.note("no instances in hub '\(access.hub)' match") }
        var table = Table(["INSTANCE", "ORCHESTRATOR", "STATUS", "CREATED", "CUSTOM STATUS"])
        for status in newest.statuses {
            table.add([
                status.instance.value, status.name, status.runtimeStatus.rawValue, status.createdTime.age,
                status.customStatus.isNull ? "" : status.customStatus.text,
            ])
        }
        for line in table.lines(width: Terminal.output.width) { Output.line(line) }
        if newest.matched > newest.statuses.count {
            Output.note(
                "\(Amount.count(newest.statuses.count)) of \(Amount.count(newest.matched)); more with --top"
            )
        }
    }
}
