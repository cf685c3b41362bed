import ArgumentParser
import RepriseBroker

struct DeadDropCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop",
        abstract: "Delete dead letters for good.",
        discussion: """
            EXAMPLES
              reprise dead drop default.2.17
              reprise dead drop --all
            """
    )

    @OptionGroup var letters: DeadLetterArguments

    @OptionGroup var hub: HubOptions

    func run() async throws {
        let access = try await hub.access()
        try await letters.each(access.deadLetters) { letters, id in
            _ = try await letters.drop(id)
            Output.note("dropped \(id)")
        }
    }
}
