import ArgumentParser

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure what a hub and a read model can do.",
        discussion: """
            EXAMPLES
              reprise bench hello
              reprise bench hello --concurrency 500 --count 20000 --json
              reprise bench status --count 1000000
            """,
        subcommands: [BenchHelloCommand.self, BenchStatusCommand.self]
    )
}
