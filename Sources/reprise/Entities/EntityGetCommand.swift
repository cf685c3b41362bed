import ArgumentParser
import RepriseEngine
import RepriseKernel

struct EntityGetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Print an entity's state as JSON.",
        discussion: """
            EXAMPLES
              reprise entity get @counter@clicks
            """
    )

    @OptionGroup var target: EntityArgument

    @OptionGroup var hub: HubOptions

    func run() async throws {
        let access = try await hub.access()
        let entity = try target.entity
        let found = try await access.withClient { client in try await client.status(of: entity.instance) }
        guard let state = found?.status.customStatus, !state.isNull else {
            throw CommandFailure(.failed, "there is no entity '\(entity)' in hub '\(access.hub)'")
        }
        Output.line(state.bytes)
    }
}
