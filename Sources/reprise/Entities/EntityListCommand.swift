import ArgumentParser
import RepriseKernel

struct EntityListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List entities, newest first.",
        discussion: """
            EXAMPLES
              reprise entity list
              reprise entity list --name counter --top 500 --json
            """
    )

    @Option(help: ArgumentHelp("Only those with this name.", valueName: "name"))
    var name: String?

    @Option(help: ArgumentHelp("How many to show at most.", valueName: "count"))
    var top = 50

    @Flag(help: "Print a JSON array, one entity per line.")
    var json = false

    @OptionGroup var hub: HubOptions

    func validate() throws {
        guard (1...100_000).contains(top) else { throw ValidationError("--top must be a number from 1 to 100000") }
    }

    func run() async throws {
        let access = try await hub.access()
        let name = name?.lowercased()
        // An entity without a state does not exist: it is only a lock on what may become one.
        let sweep = InstanceSweep(
            matches: { status in
                guard let entity = status.instance.entity, !status.customStatus.isNull else { return false }
                return name == nil || entity.name == name
            },
            limit: top
        )
        let newest = try await access.withClient { client in try await sweep.run(client) }
        if json { return Output.line(JSONObject.lines(newest.statuses.map(Self.object))) }
        guard !newest.statuses.isEmpty else { return Output.note("no entities in hub '\(access.hub)' match") }
        var table = Table(["ENTITY", "LAST OPERATION", "STATE"])
        for status in newest.statuses {
            table.add([status.instance.value, status.lastUpdatedTime.age, status.customStatus.text])
        }
        for line in table.lines(width: Terminal.output.width) { Output.line(line) }
        if newest.matched > newest.statuses.count {
            Output.note("\(Amount.count(newest.statuses.count)) of \(Amount.count(newest.matched)); more with --top")
        }
    }

    private static func object(_ status: InstanceStatus) -> JSONObject {
        var object = JSONObject()
        object.add("id", status.instance.value)
        object.add("lastOperationTime", status.lastUpdatedTime.text)
        object.add("state", status.customStatus)
        return object
    }
}
