import ArgumentParser
import RepriseClient

struct IndexAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Index a field or a path.",
        discussion: """
            By name, version, lastUpdatedTime, tags.<name>, or a path of customStatus, input
            or output. A million instances take some seconds, and changes wait meanwhile.

            EXAMPLES
              reprise index add 'customStatus.stage'
              reprise index add 'customStatus.items[0]."delivery note"'
            """
    )

    @Argument(help: ArgumentHelp("The field or path.", valueName: "path"))
    var path: String

    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var hub: HubNameOption

    func run() async throws {
        let start = ContinuousClock.now
        let isNew = try await gateway.client(hub: hub.hub).addIndex(path)
        Output.note(
            isNew
                ? "indexed '\(path)' in \(Amount.duration(ContinuousClock.now - start))"
                : "'\(path)' already has an index"
        )
    }
}
