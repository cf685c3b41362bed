import ArgumentParser
import RepriseKernel

struct RaiseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "raise",
        abstract: "Raise an event for an instance.",
        discussion: """
            The event is kept until the orchestrator waits for it. Names of events are
            case-insensitive. If the orchestrator waits for other events, their names are
            shown: `reprise status` lists the events that it has not read.

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
        let answer = try await hub.access().answer(to: .raiseEvent(name: event, data), for: try target.instance)
        try answer.requireAcceptance()
        Output.note("raised '\(Text.line(event))' for '\(target.id)'")
        guard case .accepted(_, let awaited) = answer, !awaited.isEmpty else { return }
        let names = Text.line(awaited.joined(separator: ", "))
        Output.note("'\(target.id)' waits for \(names), not \(Text.line(event)): the event is kept until it does")
    }
}
