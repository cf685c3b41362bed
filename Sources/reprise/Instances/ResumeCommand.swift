import ArgumentParser
import RepriseKernel

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Let a suspended instance go on.",
        discussion: """
            What was kept for it is applied in the order in which it came.

            EXAMPLES
              reprise resume trip-1
              reprise resume trip-1 --reason 'the auditors are happy'
            """
    )

    @OptionGroup var target: InstanceArgument

    @Option(help: ArgumentHelp("Why; kept in the instance's history.", valueName: "text"))
    var reason: String?

    @OptionGroup var hub: HubOptions

    func run() async throws {
        try await hub.access().send(.resume(reason: reason.map(Payload.string) ?? .null), to: try target.instance)
        Output.note("resumed '\(target.id)'")
    }
}
