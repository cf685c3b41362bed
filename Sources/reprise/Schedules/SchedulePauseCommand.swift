import ArgumentParser
import RepriseKernel

struct SchedulePauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Pause a schedule until it is resumed.",
        discussion: """
            EXAMPLES
              reprise schedule pause nightly
            """
    )

    @OptionGroup var target: InstanceArgument

    @OptionGroup var hub: HubOptions

    func run() async throws {
        try await hub.access().order(try target.instance) { _ in [.suspend(reason: .null)] }
        Output.note("paused '\(target.id)'")
    }
}
