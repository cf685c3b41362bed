import ArgumentParser

struct IndexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Make lists and counts by a field or a path fast.",
        discussion: """
            An index belongs to a gateway's read model and stays until it is removed, even
            when the model is rebuilt. It makes each change slightly slower; a gateway has
            at most 8.

            EXAMPLES
              reprise index add 'customStatus.stage'
              reprise index list
              reprise index remove 'customStatus.stage'
            """,
        subcommands: [IndexAddCommand.self, IndexListCommand.self, IndexRemoveCommand.self]
    )
}
