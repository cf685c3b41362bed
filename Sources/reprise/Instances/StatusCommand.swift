import ArgumentParser
import RepriseEngine
import RepriseKernel

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the status of an instance.",
        discussion: """
            Asks the partition that owns the instance, so its answer is current.

            EXAMPLES
              reprise status trip-1
              reprise status trip-1 --history
              reprise status trip-1 --json | jq .customStatus
            """
    )

    @OptionGroup var target: InstanceArgument

    @Flag(help: "Also show everything that happened to it.")
    var history = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var hub: HubOptions

    func run() async throws {
        let access = try await hub.access()
        let instance = try target.instance
        let (wantsHistory, hub) = (history, access.hub)
        let found = try await access.withClient { client in
            guard let found = try await client.status(of: instance, history: wantsHistory) else {
                throw CommandFailure.noInstance(instance, hub)
            }
            return found
        }
        if json {
            Output.line(InstanceJSON.object(found.status, history: history ? found.history : nil).bytes)
        } else {
            for line in StatusText.lines(found.status, Terminal.output) { Output.line(line) }
            guard history else { return }
            Output.line("")
            for line in HistoryText.table(found.history).lines(width: Terminal.output.width) { Output.line(line) }
        }
    }
}
