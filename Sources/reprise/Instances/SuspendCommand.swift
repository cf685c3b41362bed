import ArgumentParser
import RepriseKernel

struct SuspendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suspend",
        abstract: "Suspend an instance until it is resumed.",
        discussion: """
            What arrives meanwhile is kept for it.

            EXAMPLES
              reprise suspend trip-1
              reprise suspend trip-1 --reason 'waiting for the auditors'
            """
    )

    @OptionGroup var arguments: ReasonArguments

    @OptionGroup var hub: HubOptions

    func run() async throws {
        try await arguments.send({ .suspend(reason: $0) }, over: hub, saying: "suspended")
    }
}
