import ArgumentParser
import RepriseKernel

struct TerminateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "terminate",
        abstract: "End an instance at once.",
        discussion: """
            Its code cleans up nothing; 'reprise cancel' lets it. Whoever runs an activity
            for it is told, and the result is dropped.

            EXAMPLES
              reprise terminate trip-1
              reprise terminate trip-1 --reason 'no longer wanted'
              reprise terminate trip-1 --children
            """
    )

    @OptionGroup var arguments: ReasonArguments

    @Flag(help: "Also the sub-orchestrations that it waits for, and theirs.")
    var children = false

    @OptionGroup var hub: HubOptions

    func run() async throws {
        try await arguments.send({ .terminate(reason: $0, children: children) }, over: hub, saying: "terminated")
    }
}
