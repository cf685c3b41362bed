import ArgumentParser
import RepriseBroker
import RepriseEngine

struct DeadRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Publish the original again, where it was first published.",
        discussion: """
            The letter is removed once the broker has confirmed the message. One that still
            cannot be processed comes back as a new letter.

            EXAMPLES
              reprise dead retry default.2.17
              reprise dead retry default.2.17 default.2.18
              reprise dead retry --all
            """
    )

    @OptionGroup var letters: DeadLetterArguments

    @OptionGroup var hub: HubOptions

    func run() async throws {
        let access = try await hub.access()
        try await letters.each(access.deadLetters) { letters, id in
            let letter = try await letters.retry(id)
            let place = letter.exchange.isEmpty ? "queue" : "exchange \(letter.exchange),"
            Output.note("published \(id) again: \(place) \(Text.line(letter.routingKey))")
        }
    }
}
