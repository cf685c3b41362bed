import ArgumentParser
import RepriseKernel

/// What a command says to an instance besides its verb: to which, and why.
struct ReasonArguments: ParsableArguments {
    @OptionGroup var target: InstanceArgument

    @Option(help: ArgumentHelp("Why; kept in the instance's history.", valueName: "text"))
    var reason: String?

    /// Sends the command, and says so when it is durable.
    func send(_ action: (Payload) -> Command.Action, over hub: HubOptions, saying done: String) async throws {
        try await hub.access().send(action(reason.map(Payload.string) ?? .null), to: try target.instance)
        Output.note("\(done) '\(target.id)'")
    }
}
