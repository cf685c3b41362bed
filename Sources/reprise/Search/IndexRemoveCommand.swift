import ArgumentParser
import RepriseClient

struct IndexRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove an index that was added.",
        discussion: """
            EXAMPLES
              reprise index remove 'customStatus.stage'
            """
    )

    @Argument(help: ArgumentHelp("The field or path.", valueName: "path"))
    var path: String

    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var hub: HubNameOption

    func run() async throws {
        guard try await gateway.client(hub: hub.hub).removeIndex(path) else {
            throw CommandFailure(.failed, "'\(path)' has no index that was added")
        }
        Output.note("removed the index of '\(path)'")
    }
}
