import ArgumentParser
import RepriseKernel

struct ScheduleDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "End a schedule, and purge it.",
        discussion: """
            What it has started keeps running.

            EXAMPLES
              reprise schedule delete nightly
            """
    )

    @OptionGroup var target: InstanceArgument

    @OptionGroup var hub: HubOptions

    func run() async throws {
        try await hub.access().order(try target.instance) { status in
            status.isEnded ? [.purge] : [.terminate(reason: .string("the schedule was deleted")), .purge]
        }
        Output.note("deleted '\(target.id)'")
    }
}
