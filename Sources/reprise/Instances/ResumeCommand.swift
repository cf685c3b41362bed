import ArgumentParser
import RepriseKernel

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Resume a suspended instance.",
        discussion: """
            What was kept for it is applied in order of arrival.

            EXAMPLES
              reprise resume trip-1
              reprise resume trip-1 --reason 'the auditors are happy'
            """
    )

    @OptionGroup var arguments: ReasonArguments

    @OptionGroup var hub: HubOptions

    func run() async throws {
        try await arguments.send({ .resume(reason: $0) }, over: hub, saying: "resumed")
    }
}
