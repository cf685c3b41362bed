import ArgumentParser
import RepriseKernel

struct SuspendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend",
        abstract: "Let an instance rest until it is resumed.",
        discussion: """
            What happens meanwhile is kept for it.

            EXAMPLES
              reprise suspend trip-1
              reprise suspend trip-1 --reason 'waiting for the auditors'
            """
    )

    @OptionGroup var target: InstanceArgument

    @Option(help: ArgumentHelp("Why; kept in the instance's history.", valueName: "text"))
    var reason: String?

    @OptionGroup var hub: HubOptions

    func run() async throws {
        try await hub.access().send(.suspend(reason: reason.map(Payload.string) ?? .null), to: try target.instance)
        Output.note("suspended '\(target.id)'")
    }
}
