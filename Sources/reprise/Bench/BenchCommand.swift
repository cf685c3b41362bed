import ArgumentParser

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure what a hub can do.",
        discussion: """
            EXAMPLES
              reprise bench hello
              reprise bench hello --concurrency 500 --count 20000 --json
            """,
        subcommands: [BenchHelloCommand.self]
    )
}
