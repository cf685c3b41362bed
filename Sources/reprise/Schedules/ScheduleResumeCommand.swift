import ArgumentParser
import RepriseKernel

struct ScheduleResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Resume a paused schedule.",
        discussion: """
            EXAMPLES
              reprise schedule resume nightly
            """
    )

    @OptionGroup var target: InstanceArgument

    @OptionGroup var hub: HubOptions

    func run() async throws {
        try await hub.access().order(try target.instance) { _ in [.resume(reason: .null)] }
        Output.note("resumed '\(target.id)'")
    }
}
