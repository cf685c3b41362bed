import ArgumentParser
import Reprise

struct ScheduleUnpauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpause",
        abstract: "Let a paused schedule start again.",
        discussion: """
            From its next time on: what was due in the pause is not made up for; see backfill.

            EXAMPLES
              reprise schedule unpause nightly
            """
    )

    @OptionGroup var target: InstanceArgument

    @Option(help: ArgumentHelp("Shown with the schedule, in place of the former note.", valueName: "text"))
    var note: String?

    @OptionGroup var hub: HubOptions

    func run() async throws {
        try await hub.access().raise(Schedule.Unpause(note: note), for: try target.instance)
        Output.note("unpaused '\(target.id)'")
    }
}
