import ArgumentParser

struct DeadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead",
        abstract: "Manage dead letters: messages that could not be processed.",
        discussion: """
            EXAMPLES
              reprise dead list
              reprise dead show default.2.17
              reprise dead retry default.2.17           once the cause is fixed
              reprise dead drop default.2.17
            """,
        subcommands: [DeadListCommand.self, DeadShowCommand.self, DeadRetryCommand.self, DeadDropCommand.self]
    )
}
