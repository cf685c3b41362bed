import ArgumentParser

struct EntityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "entity",
        abstract: "Show entities, and send them operations.",
        discussion: """
            An entity's id is written @name@key.

            EXAMPLES
              reprise entity list --name counter
              reprise entity get @counter@clicks
              reprise entity signal @counter@clicks add 5
            """,
        subcommands: [EntityListCommand.self, EntityGetCommand.self, EntitySignalCommand.self]
    )
}
