import ArgumentParser
import RepriseEngine
import RepriseKernel

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show everything that happened to an instance.",
        discussion: """
            With --json, print a file that a replay tester can run against today's code. It
            contains inputs, results and the tokens of open tasks: protect it as you protect
            those.

            EXAMPLES
              reprise history trip-1
              reprise history trip-1 --json > trip-1.json
            """
    )

    @OptionGroup var target: InstanceArgument

    @Flag(help: "Print JSON with nothing left out.")
    var json = false

    @OptionGroup var hub: HubOptions

    func run() async throws {
        let access = try await hub.access()
        let instance = try target.instance
        let hub = access.hub
        let found = try await access.withClient { client in
            guard let found = try await client.status(of: instance, history: true) else {
                throw CommandFailure.noInstance(instance, hub)
            }
            return found
        }
        if json {
            let history = RecordedHistory(
                instance: instance,
                incarnation: found.status.incarnation,
                records: found.history
            )
            Output.line(HistoryJSON.encode(history))
        } else {
            for line in HistoryText.table(found.history).lines(width: Terminal.output.width) { Output.line(line) }
        }
    }
}
