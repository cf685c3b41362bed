import ArgumentParser
import Reprise

struct ScheduleTriggerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trigger",
        abstract: "Start what a schedule starts once, now.",
        discussion: """
            By its overlap policy, and also while it is paused.

            EXAMPLES
              reprise schedule trigger nightly
            """
    )

    @OptionGroup var target: InstanceArgument

    @OptionGroup var hub: HubOptions

    func run() async throws {
        try await hub.access().raise(Schedule.Trigger(), for: try target.instance)
        Output.note("triggered '\(target.id)'")
    }
}
