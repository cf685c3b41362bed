import ArgumentParser
import RepriseKernel

struct RaiseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "raise",
        abstract: "Raise an event for an instance.",
        discussion: """
            The event is kept until the orchestrator waits for it. Names of events are
            case-insensitive.

            EXAMPLES
              reprise raise trip-1 CitySelected '"Tokyo"'
              reprise raise booking-9 BookingConfirmed true
              reprise raise job-3 Continue
              reprise raise job-3 Parts --input-file parts.json
            """
    )

    @OptionGroup var target: InstanceArgument

    @Argument(help: "The event's name.")
    var event: String

    @Argument(help: ArgumentHelp("The event's data; null when left out.", valueName: "json"))
    var data: String?

    @Option(help: ArgumentHelp("A file with the data; - is standard input.", valueName: "file"))
    var inputFile: String?

    @OptionGroup var hub: HubOptions

    func validate() throws {
        do {
            try RegisteredName.check(event, of: "an event's name")
        } catch {
            throw ValidationError(error.reason)
        }
    }

    func run() async throws {
        let data = try JSONArgument.read(data, file: inputFile, what: "the event's data")
        try await hub.access().send(.raiseEvent(name: event, data), to: try target.instance)
        Output.note("raised '\(Text.line(event))' for '\(target.id)'")
    }
}
