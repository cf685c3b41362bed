import ArgumentParser
import RepriseKernel

struct TerminateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "terminate",
        abstract: "End an instance at once.",
        discussion: """
            Activities that run already are not stopped; what they answer is dropped.

            EXAMPLES
              reprise terminate trip-1
              reprise terminate trip-1 --reason 'no longer wanted'
              reprise terminate trip-1 --children
            """
    )

    @OptionGroup var target: InstanceArgument

    @Option(help: ArgumentHelp("Why; kept in the instance's history.", valueName: "text"))
    var reason: String?

    @Flag(help: "Also the sub-orchestrations that it waits for, and theirs.")
    var children = false

    @OptionGroup var hub: HubOptions

    func run() async throws {
        let action = Command.Action.terminate(reason: reason.map(Payload.string) ?? .null, children: children)
        try await hub.access().send(action, to: try target.instance)
        Output.note("terminated '\(target.id)'")
    }
}
