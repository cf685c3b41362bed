import ArgumentParser
import Reprise
import RepriseKernel

struct ScheduleListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List schedules.",
        discussion: """
            EXAMPLES
              reprise schedule list
              reprise schedule list --json
            """
    )

    @Flag(help: "Also those that have ended.")
    var all = false

    @Flag(help: "Print a JSON array of instances, one per line.")
    var json = false

    @OptionGroup var hub: HubOptions

    func run() async throws {
        let access = try await hub.access()
        let all = all
        let sweep = InstanceSweep(
            matches: { $0.name == Schedule.orchestrator && (all || !$0.runtimeStatus.isEnded) },
            limit: 100_000
        )
        let found = try await access.withClient { client in try await sweep.run(client) }.statuses
        if json { return Output.line(JSONObject.lines(found.map { InstanceJSON.object($0) })) }
        guard !found.isEmpty else { return Output.note("no schedules in hub '\(access.hub)'") }
        var table = Table(["SCHEDULE", "STATUS", "STARTS", "WHEN", "STARTED", "NEXT"])
        for status in found.sorted(by: { $0.instance.value < $1.instance.value }) {
            let text = ScheduleText(status)
            table.add([status.instance.value, text.status, text.name, text.when, text.count, text.next])
        }
        for line in table.lines(width: Terminal.output.width) { Output.line(line) }
    }
}
