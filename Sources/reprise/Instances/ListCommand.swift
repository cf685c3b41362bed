import ArgumentParser
import RepriseKernel

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List instances, the newest first.",
        discussion: """
            Asks the partitions themselves, page by page, so what it says is the latest;
            on a hub with very many instances the gateway's list is faster.

            EXAMPLES
              reprise list
              reprise list --status Running --status Suspended --name CityRecommender
              reprise list --prefix order- --top 500 --json
            """
    )

    @Option(
        help: ArgumentHelp(
            "Only these: \(RuntimeStatus.allCases.map(\.rawValue).joined(separator: ", ")). May be repeated.",
            valueName: "status"
        ),
        transform: Self.status
    )
    var status: [RuntimeStatus] = []

    @Option(help: ArgumentHelp("Only of this orchestrator.", valueName: "orchestrator"))
    var name: String?

    @Option(help: ArgumentHelp("Only ids that begin so.", valueName: "text"))
    var prefix: String?

    @Option(help: ArgumentHelp("How many to show.", valueName: "count"))
    var top = 50

    @Flag(help: "As a JSON array, one instance per line.")
    var json = false

    @OptionGroup var hub: HubOptions

    func validate() throws {
        guard (1...100_000).contains(top) else { throw ValidationError("--top is a number from 1 to 100000") }
    }

    private static func status(_ text: String) throws -> RuntimeStatus {
        guard let status = RuntimeStatus.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) else {
            let known = RuntimeStatus.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(text)' is no status; there are \(known)")
        }
        return status
    }

    func run() async throws {
        let access = try await hub.access()
        let sweep = InstanceSweep(
            statuses: Set(status),
            name: name,
            prefix: prefix,
            limit: top
        )
        let newest = try await access.withClient { client in try await sweep.run(client) }
        LiveLine.clearAll()
        if json {
            return Output.line(JSONText.array(newest.statuses.map { InstanceJSON.object($0) }))
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
