import ArgumentParser
import RepriseBroker
import RepriseEngine
import RepriseKernel

struct DeadListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List dead letters with their reasons, oldest first.",
        discussion: """
            EXAMPLES
              reprise dead list
              reprise dead list --top 1000 --json
            """
    )

    @Option(help: ArgumentHelp("How many to show at most.", valueName: "count"))
    var top = 50

    @Flag(help: "Print a JSON array, one letter per line.")
    var json = false

    @OptionGroup var hub: HubOptions

    func validate() throws {
        guard (1...10_000).contains(top) else { throw ValidationError("--top must be a number from 1 to 10000") }
    }

    func run() async throws {
        let access = try await hub.access()
        let list = try await access.deadLetters.list(limit: top, includingBodies: json)
        let (letters, total) = (list.letters, list.total)
        if json { return Output.line(JSONObject.lines(letters.map { $0.whole() })) }
        guard !letters.isEmpty else { return Output.note("no dead letters in hub '\(access.hub)'") }
        for line in DeadLetterText.table(letters).lines(width: Terminal.output.width) { Output.line(line) }
        if total > letters.count { Output.note("\(letters.count) of \(Amount.count(total)); more with --top") }
    }
}

extension HubAccess {
    var deadLetters: DeadLetters { DeadLetters(endpoint: endpoint, hub: hub) }
}
