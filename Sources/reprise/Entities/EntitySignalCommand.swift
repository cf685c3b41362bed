import ArgumentParser
import RepriseKernel

struct EntitySignalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signal",
        abstract: "Send an operation to an entity; its result is not returned.",
        discussion: """
            The operation is performed once, after what was sent before it. An entity is
            created by its first operation; 'delete' deletes it.

            EXAMPLES
              reprise entity signal @counter@clicks add 5
              reprise entity signal @counter@clicks reset --at +1h
              reprise entity signal @counter@clicks delete
            """
    )

    @OptionGroup var target: EntityArgument

    @Argument(help: "The operation's name.")
    var operation: String

    @Argument(help: ArgumentHelp("The operation's input; null when left out.", valueName: "json"))
    var input: String?

    @Option(help: ArgumentHelp("A file with the input; - is standard input.", valueName: "file"))
    var inputFile: String?

    @Option(
        help: ArgumentHelp("The earliest time: 2026-11-24T18:30:00Z, or +10m from now.", valueName: "time"),
        transform: TimeArgument.requireTime
    )
    var at: Timestamp?

    @OptionGroup var hub: HubOptions

    func validate() throws {
        do {
            try RegisteredName.check(operation, of: "an operation's name")
        } catch {
            throw ValidationError(error.reason)
        }
    }

    func run() async throws {
        let input = try JSONArgument.read(input, file: inputFile, what: "the operation's input")
        let request = EntityRequest(.operation(name: operation, input: input), due: at)
        try await hub.access().send(.operate(request), to: try target.entity.instance)
        Output.note("sent '\(Text.line(operation))' to '\(target.id)'")
    }
}
