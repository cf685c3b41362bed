import ArgumentParser
import RepriseKernel

struct PurgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Forget an instance that has ended, with its history.",
        discussion: """
            EXAMPLES
              reprise purge trip-1
            """
    )

    @OptionGroup var target: InstanceArgument

    @OptionGroup var hub: HubOptions

    func run() async throws {
        try await hub.access().send(.purge, to: try target.instance)
        Output.note("purged '\(target.id)'")
    }
}
