import ArgumentParser
import RepriseClient

struct IndexListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the indexes.",
        discussion: """
            EXAMPLES
              reprise index list
            """
    )

    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var hub: HubNameOption

    func run() async throws {
        for index in try await gateway.client(hub: hub.hub).indexes() {
            Output.line(index.isBuiltIn ? "\(index.path)  (always)" : index.path)
        }
    }
}
