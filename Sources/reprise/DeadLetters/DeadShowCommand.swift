import ArgumentParser
import RepriseBroker
import RepriseEngine
import RepriseKernel

struct DeadShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one dead letter: its history, its properties and its body.",
        discussion: """
            EXAMPLES
              reprise dead show default.2.17
              reprise dead show default.2.17 --json
            """
    )

    @Argument(help: ArgumentHelp("The dead letter, as 'dead list' names it.", valueName: "id"))
    var id: String

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var hub: HubOptions

    func run() async throws {
        let letter = try await hub.access().deadLetters.show(id)
        if json { return Output.line(letter.whole().bytes) }
        for line in DeadLetterText.lines(letter, Terminal.output) { Output.line(line) }
    }
}
