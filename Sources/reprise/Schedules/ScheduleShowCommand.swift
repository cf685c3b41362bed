import ArgumentParser
import RepriseEngine
import RepriseKernel

struct ScheduleShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a schedule: its next starts, and its last runs.",
        discussion: """
            EXAMPLES
              reprise schedule show nightly
              reprise schedule show nightly --json | jq .customStatus.nextStarts
            """
    )

    @OptionGroup var target: InstanceArgument

    @Flag(help: "Print one JSON object: the schedule as an instance.")
    var json = false

    @OptionGroup var hub: HubOptions

    func run() async throws {
        let access = try await hub.access()
        let (id, hub) = (try target.instance, access.hub)
        let (text, states) = try await access.withClient { client in
            let text = ScheduleText(try await client.schedule(id, hub: hub))
            var states: [InstanceID: RuntimeStatus] = [:]
            for run in text.runs { states[run] = try await client.status(of: run)?.status.runtimeStatus }
            return (text, states)
        }
        if json { return Output.line(InstanceJSON.object(text.instance).bytes) }
        for line in text.lines(Terminal.output) { Output.line(line) }
        let table = text.table(states)
        guard !text.runs.isEmpty else { return }
        Output.line("")
        for line in table.lines(width: Terminal.output.width) { Output.line(line) }
    }
}
