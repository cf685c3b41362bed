import ArgumentParser

struct IndexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Make lists and counts by a field or a path fast.",
        discussion: """
            An index belongs to a gateway's read model and stays until it is removed, also
            when the model is rebuilt. It makes each change a little dearer; a gateway has
            8 at most.

            EXAMPLES
              reprise index add 'customStatus.stage'
              reprise index list
              reprise index remove 'customStatus.stage'
            """,
        subcommands: [IndexAddCommand.self, IndexListCommand.self, IndexRemoveCommand.self]
    )
}
