import ArgumentParser
import RepriseKernel

struct RewindCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewind",
        abstract: "Rewind a failed instance.",
        discussion: """
            The activities that it failed with are tried again. An instance that was set aside, because its code \
            trapped the process, did not end its turn in time or no longer fits its history, continues from its \
            history: correct the code first.

            EXAMPLES
              reprise rewind trip-1
              reprise rewind trip-1 --reason 'the bank is back'
            """
    )

    @OptionGroup var arguments: ReasonArguments

    @OptionGroup var hub: HubOptions

    func run() async throws {
        try await arguments.send({ .rewind(reason: $0) }, over: hub, saying: "rewound")
    }
}
