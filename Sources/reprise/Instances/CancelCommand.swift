import ArgumentParser
import RepriseKernel

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Tell an instance to clean up and end.",
        discussion: """
            Its code is told, and may clean up for the grace period. It is Canceled when that is
            done, or when the period is over. One that is suspended is told when it is resumed;
            'terminate' ends it without clean-up.

            EXAMPLES
              reprise cancel trip-1
              reprise cancel trip-1 --reason 'no longer wanted' --grace 5m
              reprise cancel trip-1 --children
            """
    )

    @OptionGroup var arguments: ReasonArguments

    @Option(
        help: ArgumentHelp(
            "How long its code may clean up; as long as its type says by default.",
            valueName: "duration"
        ),
        transform: TimeArgument.requireSpan
    )
    var grace: Duration?

    @Flag(help: "Also the sub-orchestrations that it waits for, and theirs.")
    var children = false

    @OptionGroup var hub: HubOptions

    func run() async throws {
        try await arguments.send(
            { .cancel(reason: $0, grace: grace, children: children) },
            over: hub,
            saying: "told to clean up:"
        )
    }
}
