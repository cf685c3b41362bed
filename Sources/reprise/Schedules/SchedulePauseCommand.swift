import ArgumentParser
import Reprise

struct SchedulePauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Pause a schedule until it is unpaused.",
        discussion: """
            It lets its times pass, and still heeds trigger and backfill. What it has started
            keeps running.

            EXAMPLES
              reprise schedule pause nightly
              reprise schedule pause nightly --note 'the warehouse is closed'
            """
    )

    @OptionGroup var target: InstanceArgument

    @Option(help: ArgumentHelp("Why; shown with the schedule.", valueName: "text"))
    var note: String?

    @OptionGroup var hub: HubOptions

    func run() async throws {
        try await hub.access().raise(Schedule.Pause(note: note), for: try target.instance)
        Output.note("paused '\(target.id)'")
    }
}
