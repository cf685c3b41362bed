import ArgumentParser

struct DeadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead",
        abstract: "Look after dead letters: messages that nobody could use.",
        discussion: """
            EXAMPLES
              reprise dead list
              reprise dead show default.2.17
              reprise dead retry default.2.17           once the reason is mended
              reprise dead drop default.2.17
            """,
        subcommands: [DeadListCommand.self, DeadShowCommand.self, DeadRetryCommand.self, DeadDropCommand.self]
    )
}
